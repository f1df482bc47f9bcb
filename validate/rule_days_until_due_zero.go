package validate

import "github.com/subferry/subferry/csvspec"

func ruleDaysUntilDueZero() Rule {
	return Rule{
		Code:     "days_until_due_zero",
		Severity: Warning,
		Title:    "Invoices are due at once",
		Why:      "0 days make every invoice due on the day it is sent, and overdue the day after.",
		Fix:      "Keep 0 if invoices are really due at once; otherwise write the number of days, for example 30.",
		Bad:      "customer,start_date,price,collection_method,days_until_due\ncus_Ada,1801440000,price_Pro,send_invoice,0\n",
		Good:     "customer,start_date,price,collection_method,days_until_due\ncus_Ada,1801440000,price_Pro,send_invoice,30\n",
		Source:   "toolkit guide, column days_until_due: 0 days means due at once",
		When:     []csvspec.Field{csvspec.FieldDaysUntilDue},
		onlyIf:   hasOddNumber,
		Check: func(c *Check) {
			if c.Row.DaysUntilDue.N == 0 && c.Row.CollectionMethod == "send_invoice" {
				c.Report(Finding{Column: "days_until_due", Message: "0 days make invoices due at once."})
			}
		},
	}
}
