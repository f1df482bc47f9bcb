package validate

import (
	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/csvspec/words"
)

func ruleDirectStartFar() Rule {
	return Rule{
		Code:     "direct_start_far",
		Severity: Error,
		Title:    "The start date is too far from today for a direct subscription",
		Why:      "The row becomes a direct subscription that is in trial from the moment the migration runs until its start date, and Stripe takes no trial of more than 730 days.",
		Fix:      "Run the row from the moment that is named on; or make it a schedule, where one expresses it, with --direct=needed.",
		Bad:      "customer,start_date,price,backdate_start_date,proration_behavior\ncus_Ada,1893456000,price_Pro,1767225600,none\n",
		Good:     "customer,start_date,price,backdate_start_date,proration_behavior\ncus_Ada,1801440000,price_Pro,1767225600,none\n",
		Source:   "docs.stripe.com/billing/subscriptions/trials: a trial must be 730 days (2 years) or less",
		When:     []csvspec.Field{csvspec.FieldBillingCycleAnchor, csvspec.FieldBackdateStartDate},
		Reads: []csvspec.Field{csvspec.FieldStartDate, csvspec.FieldBillingCycleAnchor, csvspec.FieldTrialEnd,
			csvspec.FieldBackdateStartDate, csvspec.FieldCancelAtPeriodEnd},
		onlyIf: hasOddStart,
		Check: func(c *Check) {
			from := c.Row.StartDate - LongestTrial
			if from <= c.v.now {
				return
			}
			switch c.direct() {
			case directUnknown:
				c.wait()
			case directProrated, directBackdated: // the others have no trial, and direct_anchor_far is said of them
				c.Report(Finding{Column: "start_date", Message: c.words("%s is more than 730 days from now; the row can be run from %s on.",
					words.Moment(c.Row.StartDate), words.Moment(from))})
			}
		},
	}
}
