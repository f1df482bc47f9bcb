package validate

import (
	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/csvspec/words"
)

func ruleTrialAndAnchor() Rule {
	return Rule{
		Code:     "trial_and_anchor",
		Severity: Error,
		Title:    "Trial and anchor do not go together",
		Why:      "A schedule can be free until one moment and then charge in full. A trial that ends at another moment than the anchor would need a charge for part of a period.",
		Fix:      "Set billing_cycle_anchor to the end of the trial or clear it. If the trial ends before the anchor and the time between them is free too, write none into proration_behavior.",
		Bad:      adhocDates("trial_end", 1802649600, "billing_cycle_anchor", "1802563200", "proration_behavior", "none"),
		Good:     adhocDates("trial_end", 1802649600, "billing_cycle_anchor", "1802649600", "proration_behavior", "none"),
		Source:   "schedules, case 8",
		When:     []csvspec.Field{csvspec.FieldTrialEnd},
		Reads:    []csvspec.Field{csvspec.FieldStartDate, csvspec.FieldBillingCycleAnchor, csvspec.FieldTrialEnd, csvspec.FieldBackdateStartDate},
		Check: func(c *Check) {
			r := c.Row
			if r.BillingCycleAnchor.IsBlank() || r.BillingCycleAnchor == r.TrialEnd || r.BillingCycleAnchor < r.StartDate || r.TrialEnd <= r.StartDate {
				return
			}
			none, clear := c.proration()
			switch {
			case c.trialTooLate():
				// reported as such
			case r.TrialEnd > r.BillingCycleAnchor:
				c.Report(Finding{Column: "trial_end", Message: c.words("the trial ends on %s, after the anchor, %s.", words.Moment(r.TrialEnd), words.Moment(r.BillingCycleAnchor))})
			case !none && clear && r.BackdateStartDate.IsBlank():
				c.Report(Finding{Column: "proration_behavior", Message: c.words("%s, with a trial that ends before the anchor (%s); none was expected.", c.prorationInWords(), words.Moment(r.BillingCycleAnchor))})
			}
		},
	}
}
