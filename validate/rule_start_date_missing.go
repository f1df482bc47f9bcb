package validate

import "github.com/subferry/subferry/csvspec"

func ruleStartDateMissing() Rule {
	return Rule{
		Code:     "start_date_missing",
		Severity: Error,
		Title:    "The row has no start date",
		Why:      "Without a start date it is not known when the subscription begins to bill.",
		Fix:      "Write the moment at which the subscription starts in Unix seconds. The safest choice is the next renewal date, with anchor, backdate and trial left blank.",
		Bad:      "customer,start_date,price\ncus_Ada,,price_Pro\n",
		Good:     "customer,start_date,price\ncus_Ada,1801440000,price_Pro\n",
		Source:   "toolkit guide, column start_date: required",
		Reads:    []csvspec.Field{csvspec.FieldStartDate},
		Lacks:    []csvspec.Field{csvspec.FieldStartDate},
		Check: func(c *Check) {
			if !c.absent(csvspec.FieldStartDate) {
				c.Report(Finding{Column: "start_date", Message: "the start date is blank; Unix seconds such as " + seconds(c.v.now+30*86400) + " were expected."})
			}
		},
	}
}
