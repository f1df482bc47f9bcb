package validate

import (
	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/csvspec/words"
)

func ruleDirectAnchorFar() Rule {
	return Rule{
		Code:     "direct_anchor_far",
		Severity: Error,
		Title:    "The anchor is too far from today for a direct subscription",
		Why:      "Stripe takes a billing anchor only before the next natural billing date, one billing period after the moment at which a subscription is created; and a direct subscription is created when the migration runs.",
		Fix:      "Run the row between the moments that are named, or move start_date closer to the anchor; or make it a schedule, which is in trial until the anchor, with --direct=needed.",
		Bad:      adhocDates("billing_cycle_anchor", 1802649600, "proration_behavior", "none"),
		Good:     adhocDates("billing_cycle_anchor", 1802649600),
		Source:   "docs.stripe.com/payments/checkout/billing-cycle: the anchor must be before the next natural billing date",
		When:     []csvspec.Field{csvspec.FieldBillingCycleAnchor},
		Reads: []csvspec.Field{csvspec.FieldStartDate, csvspec.FieldBillingCycleAnchor, csvspec.FieldTrialEnd,
			csvspec.FieldBackdateStartDate, csvspec.FieldCancelAtPeriodEnd},
		Check: func(c *Check) {
			kind := c.direct()
			if kind == directUnknown {
				c.wait()
			}
			if kind != directAnchored && kind != directEnding {
				return
			}
			cycle, known := c.cycle()
			if !known {
				c.wait()
				return
			}
			r := c.Row
			from := cycle.Reaching(r.BillingCycleAnchor)
			lead := max(c.v.earliest-c.v.now, 0)
			switch {
			case from <= c.v.now:
			case from+lead <= r.StartDate:
				c.Report(Finding{Column: "billing_cycle_anchor", Message: c.words("%s is a whole billing period or more from now: a subscription that is created today would be charged today, for a whole period. The row can be run from %s until %s.",
					words.Moment(r.BillingCycleAnchor), words.Moment(from), words.Moment(r.StartDate-lead))})
			default:
				c.Report(Finding{
					Column: "billing_cycle_anchor",
					Message: c.words("%s is less than a billing period away only from %s on, which is too late for start_date, %s (%s).",
						words.Moment(r.BillingCycleAnchor), words.Moment(from), words.Moment(r.StartDate), c.v.lead),
					Fix: c.words("Make it a schedule, which is in trial until the anchor, with --direct=needed; or move start_date to %s or later and run the row between %s and then.",
						words.Moment(from+lead), words.Moment(from)),
				})
			}
		},
	}
}
