package validate

import (
	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/csvspec/words"
)

func ruleBackdateNotInPast() Rule {
	return Rule{
		Code:     "backdate_not_in_past",
		Severity: Error,
		Title:    "The original start date is not in the past",
		Why:      "backdate_start_date says since when the customer has been subscribed elsewhere.",
		Fix:      "Write the customer's original start date, or clear the cell. The start of the new subscription belongs into start_date.",
		Bad:      "customer,start_date,price,backdate_start_date,proration_behavior\ncus_Ada,1801440000,price_Pro,1801440000,none\n",
		Good:     "customer,start_date,price,proration_behavior\ncus_Ada,1801440000,price_Pro,none\n",
		Source:   "toolkit guide, column backdate_start_date: in the past",
		When:     []csvspec.Field{csvspec.FieldBackdateStartDate},
		Reads:    []csvspec.Field{csvspec.FieldBackdateStartDate},
		Check: func(c *Check) {
			if b := c.Row.BackdateStartDate; b >= c.v.now {
				c.Report(Finding{Column: "backdate_start_date", Message: c.words("%s is not in the past.", words.Moment(b))})
			}
		},
	}
}
