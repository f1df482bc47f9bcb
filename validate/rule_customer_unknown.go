package validate

import "github.com/subferry/subferry/csvspec"

func ruleCustomerUnknown() Rule {
	return Rule{
		Code:     "customer_unknown",
		Severity: Error,
		Title:    "The account has no such customer",
		Why:      "Stripe refuses subscriptions of customers it does not know. Often the key belongs to another account, or to the other mode.",
		Fix:      "Check that the customer was imported into this account and mode, and that the ID is complete.",
		Bad:      "customer,start_date,price\ncus_Nobody,1801440000,price_Pro\n",
		Good:     "customer,start_date,price\ncus_Ada,1801440000,price_Pro\n",
		Source:   "toolkit guide, column customer; API error resource_missing",
		When:     []csvspec.Field{csvspec.FieldCustomer},
		needs:    dataCustomers,
		Check: func(c *Check) {
			if id := c.Row.Customer; isID(id, "cus_") && !has(c.Account().Customers, id) {
				c.Report(Finding{Column: "customer", Message: "the account has no customer with this ID."})
			}
		},
	}
}
