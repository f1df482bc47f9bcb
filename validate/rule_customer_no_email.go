package validate

import "github.com/subferry/subferry/csvspec"

func ruleCustomerNoEmail() Rule {
	return Rule{
		Code:     "customer_no_email",
		Severity: Error,
		Title:    "The customer has no e-mail address for invoices",
		Why:      "Stripe sends invoices by e-mail.",
		Fix:      "Add an e-mail address to the customer, or charge automatically.",
		Bad:      "customer,start_date,price,collection_method,days_until_due\ncus_Bare,1801440000,price_Pro,send_invoice,30\n",
		Good:     "customer,start_date,price,collection_method,days_until_due\ncus_Ada,1801440000,price_Pro,send_invoice,30\n",
		Source:   "toolkit guide, column customer: e-mail when invoiced",
		When:     []csvspec.Field{csvspec.FieldCollectionMethod},
		needs:    dataCustomers,
		Check: func(c *Check) {
			if c.lacksEmail() && c.free() == "" {
				c.Report(Finding{Column: "customer", Message: "invoices are sent to the customer, who has no e-mail address."})
			}
		},
	}
}
