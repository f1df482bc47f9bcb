package validate

import "github.com/subferry/subferry/csvspec"

func ruleDaysUntilDueAlone() Rule {
	return Rule{
		Code:     "days_until_due_alone",
		Severity: Error,
		Title:    "Days until due are stated, but the customer is charged automatically",
		Why:      "Stripe refuses days_until_due unless invoices are sent. Either the customer was to get invoices, or the number is a leftover.",
		Fix:      "Write send_invoice into collection_method if the customer pays by invoice; otherwise clear days_until_due.",
		Bad:      "customer,start_date,price,days_until_due\ncus_Ada,1801440000,price_Pro,30\n",
		Good:     "customer,start_date,price,collection_method,days_until_due\ncus_Ada,1801440000,price_Pro,send_invoice,30\n",
		Source:   "toolkit guide, column days_until_due: not allowed without send_invoice",
		When:     []csvspec.Field{csvspec.FieldDaysUntilDue},
		Check: func(c *Check) {
			switch c.Row.CollectionMethod {
			case "":
				c.Report(Finding{Column: "days_until_due", Message: "days_until_due needs collection_method send_invoice, which is blank and so means charge_automatically."})
			case "charge_automatically":
				c.Report(Finding{Column: "days_until_due", Message: "days_until_due needs collection_method send_invoice, but it is charge_automatically."})
			}
		},
	}
}
