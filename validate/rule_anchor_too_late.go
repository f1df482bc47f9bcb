package validate

import (
	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/csvspec/words"
)

func ruleAnchorTooLate() Rule {
	return Rule{
		Code:     "anchor_too_late",
		Severity: Error,
		Title:    "The billing cycle anchor is more than one billing period after the start",
		Why:      "The toolkit bills at the anchor, at the latest one period after the start date.",
		Fix:      "Write the first renewal after start_date into billing_cycle_anchor, or move start_date closer to the anchor.",
		Bad:      adhocDates("billing_cycle_anchor", 1803859201, "proration_behavior", "none"),
		Good:     adhocDates("billing_cycle_anchor", 1803859200, "proration_behavior", "none"),
		Source:   "toolkit guide, column billing_cycle_anchor: not after one billing period; schedules, case 7",
		When:     []csvspec.Field{csvspec.FieldBillingCycleAnchor},
		Reads:    []csvspec.Field{csvspec.FieldStartDate, csvspec.FieldBillingCycleAnchor},
		Check: func(c *Check) {
			r := c.Row
			if c.begun() || r.BillingCycleAnchor <= r.StartDate {
				return
			}
			if r.BillingCycleAnchor == r.TrialEnd && c.trialTooLate() {
				return // which is reported of the trial
			}
			switch end := c.firstEnd(); {
			case r.BillingCycleAnchor > end.to && end.known():
				c.Report(Finding{Column: "billing_cycle_anchor", Message: c.words("%s is after the end of the first billing period, %s.", words.Moment(r.BillingCycleAnchor), words.Moment(end.to))})
			case r.BillingCycleAnchor > end.to:
				c.Report(Finding{Column: "billing_cycle_anchor", Message: c.words("%s is more than three years after start_date; no billing period is that long.", words.Moment(r.BillingCycleAnchor))})
			case !end.known() && r.BillingCycleAnchor > end.from:
				c.wait()
			}
		},
	}
}
