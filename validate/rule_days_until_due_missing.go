package validate

import "github.com/subferry/subferry/csvspec"

func ruleDaysUntilDueMissing() Rule {
	return Rule{
		Code:     "days_until_due_missing",
		Severity: Error,
		Title:    "An invoiced row does not say when invoices are due",
		Why:      "Stripe refuses send_invoice without the number of days a customer has for paying.",
		Fix:      "Write the number of days into days_until_due, for example 30.",
		Bad:      "customer,start_date,price,collection_method,days_until_due\ncus_Ada,1801440000,price_Pro,send_invoice,\n",
		Good:     "customer,start_date,price,collection_method,days_until_due\ncus_Ada,1801440000,price_Pro,send_invoice,30\n",
		Source:   "toolkit guide, column days_until_due: required with send_invoice",
		When:     []csvspec.Field{csvspec.FieldCollectionMethod},
		Reads:    []csvspec.Field{csvspec.FieldDaysUntilDue},
		onlyIf:   hasOddMethod,
		Check: func(c *Check) {
			method := c.Row.CollectionMethod
			if c.Row.DaysUntilDue.Set || method == "charge_automatically" {
				return
			}
			if method == "send_invoice" || plainWord(method) == "send_invoice" { // whose spelling is another mistake
				c.Report(Finding{Column: "days_until_due", Message: "collection_method is send_invoice, so a number of days was expected."})
			}
		},
	}
}
