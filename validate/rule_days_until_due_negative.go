package validate

import "github.com/subferry/subferry/csvspec"

func ruleDaysUntilDueNegative() Rule {
	return Rule{
		Code:     "days_until_due_negative",
		Severity: Error,
		Title:    "The number of days until an invoice is due is negative",
		Why:      "An invoice cannot be due before it is sent.",
		Fix:      "Write 0 or more days, for example 30.",
		Bad:      "customer,start_date,price,collection_method,days_until_due\ncus_Ada,1801440000,price_Pro,send_invoice,-5\n",
		Good:     "customer,start_date,price,collection_method,days_until_due\ncus_Ada,1801440000,price_Pro,send_invoice,5\n",
		Source:   "toolkit guide, column days_until_due: integer of 0 or more",
		When:     []csvspec.Field{csvspec.FieldDaysUntilDue},
		onlyIf:   hasOddNumber,
		Check: func(c *Check) {
			if c.Row.DaysUntilDue.N < 0 {
				c.Report(Finding{Column: "days_until_due", Message: "a number of 0 or more days was expected."})
			}
		},
	}
}
