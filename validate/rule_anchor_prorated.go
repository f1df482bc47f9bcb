package validate

import (
	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/csvspec/words"
)

func ruleAnchorProrated() Rule {
	return Rule{
		Code:     "anchor_prorated",
		Severity: Error,
		Title:    "The time until the anchor would have to be prorated",
		Why:      "A schedule cannot charge for part of a period before its anchor. It would charge a full period at the start and credit it later.",
		Fix: "Migrate with --direct (a program sets Options.Direct): such rows become direct subscriptions, which exist as soon as the migration runs, and the part until the anchor is charged on start_date. " +
			"Or " + anchorNotProrated,
		Bad:    adhocDates("billing_cycle_anchor", 1802649600),
		Good:   adhocDates("billing_cycle_anchor", 1802649600, "proration_behavior", "none"),
		Source: "schedules, case 6; the default of proration_behavior is create_prorations",
		When:   []csvspec.Field{csvspec.FieldBillingCycleAnchor},
		Reads:  []csvspec.Field{csvspec.FieldStartDate, csvspec.FieldBillingCycleAnchor, csvspec.FieldTrialEnd, csvspec.FieldBackdateStartDate},
		Check: func(c *Check) {
			r := c.Row
			none, clear := c.proration()
			if none || !clear || !r.TrialEnd.IsBlank() || !r.BackdateStartDate.IsBlank() || c.begun() || r.BillingCycleAnchor <= r.StartDate || c.direct() == directProrated {
				return
			}
			switch end := c.firstEnd(); {
			case r.BillingCycleAnchor < end.from:
				f := Finding{Column: "proration_behavior"}
				switch {
				case filled(r.AddInvoiceItems) > 0 && !bool(r.CancelAtPeriodEnd):
					f.Fix = "Take the one-off out of the row, invoice it separately, and migrate with --direct. Or " + anchorNotProrated
				case bool(r.CancelAtPeriodEnd):
					f.Fix = "W" + anchorNotProrated[1:] + " No direct subscription expresses the row either."
				}
				f.Message = c.words("%s, with an anchor (%s) inside the first billing period; none was expected.", c.prorationInWords(), words.Moment(r.BillingCycleAnchor))
				c.Report(f)
			case !end.known() && end.maybe(r.BillingCycleAnchor):
				c.wait()
			}
		},
	}
}

// anchorNotProrated are the ways out that every row has.
const anchorNotProrated = "write none into proration_behavior if the customer has paid until the anchor; or move start_date to the anchor."
