package validate

import (
	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/csvspec/words"
)

func ruleAnchorBeforeStart() Rule {
	return Rule{
		Code:     "anchor_before_start",
		Severity: Error,
		Title:    "The billing cycle anchor is before the start date",
		Why:      "The anchor is the next date on which the customer is billed; that cannot be before the subscription starts.",
		Fix:      "Write the next renewal date into billing_cycle_anchor, or clear it. If it is the date of the last payment, it belongs nowhere: start_date and the next renewal say enough.",
		Bad:      "customer,start_date,price,billing_cycle_anchor\ncus_Ada,1801440000,price_Pro,1799020800\n",
		Good:     "customer,start_date,price,billing_cycle_anchor\ncus_Ada,1801440000,price_Pro,\n",
		Source:   "toolkit guide, column billing_cycle_anchor: not before start_date; schedules, case 7",
		When:     []csvspec.Field{csvspec.FieldBillingCycleAnchor},
		Reads:    []csvspec.Field{csvspec.FieldStartDate, csvspec.FieldBillingCycleAnchor},
		Check: func(c *Check) {
			if r := c.Row; r.BillingCycleAnchor < r.StartDate {
				c.Report(Finding{Column: "billing_cycle_anchor", Message: c.words("%s is before start_date, %s.", words.Moment(r.BillingCycleAnchor), words.Moment(r.StartDate))})
			}
		},
	}
}
