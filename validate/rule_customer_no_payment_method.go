package validate

import "github.com/subferry/subferry/csvspec"

func ruleCustomerNoPaymentMethod() Rule {
	return Rule{
		Code:     "customer_no_payment_method",
		Severity: Error,
		Title:    "The customer has no default payment method",
		Why:      "A customer who is charged automatically needs one; the first charge would fail.",
		Fix:      "Set a default payment method for the customer, or send invoices: collection_method send_invoice.",
		Bad:      "customer,start_date,price\ncus_Bare,1801440000,price_Pro\n",
		Good:     "customer,start_date,price\ncus_Ada,1801440000,price_Pro\n",
		Source:   "toolkit guide, column customer: default payment method when charged automatically",
		When:     []csvspec.Field{csvspec.FieldCustomer},
		needs:    dataCustomers,
		Check: func(c *Check) {
			if c.lacksPaymentMethod() && c.free() == "" {
				c.Report(Finding{Column: "customer", Message: "the customer is charged automatically, but has no default payment method."})
			}
		},
	}
}
