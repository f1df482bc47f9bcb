package validate

import "github.com/subferry/subferry/csvspec"

func ruleCustomerMissing() Rule {
	return Rule{
		Code:     "customer_missing",
		Severity: Error,
		Title:    "The row names no customer",
		Why:      "Without a customer there is nobody to subscribe.",
		Fix:      "Write the Stripe ID of the customer, which begins with cus_, into the customer column.",
		Bad:      "customer,start_date,price\n,1801440000,price_Pro\n",
		Good:     "customer,start_date,price\ncus_Ada,1801440000,price_Pro\n",
		Source:   "toolkit guide, column customer: required",
		Lacks:    []csvspec.Field{csvspec.FieldCustomer},
		Check: func(c *Check) {
			if !c.absent(csvspec.FieldCustomer) {
				c.Report(Finding{Column: "customer", Message: "the customer is blank; a customer ID such as cus_NffrFeUfNV2Hib was expected."})
			}
		},
	}
}
