package validate

import "github.com/subferry/subferry/csvspec"

func ruleFreeWithoutPaymentMethod() Rule {
	return Rule{
		Code:     "free_without_payment_method",
		Severity: Warning,
		Title:    "A free subscription's customer has no default payment method",
		Why:      "Nothing is collected while the subscription is free. As soon as it is not, after a change of its price or discount, the charge fails.",
		Fix:      "Nothing has to be done if the subscription stays free. Otherwise set a default payment method for the customer.",
		Bad:      "customer,start_date,price\ncus_Bare,1801440000,price_Free\n",
		Good:     "customer,start_date,price\ncus_Ada,1801440000,price_Free\n",
		Source:   "toolkit guide, column customer: default payment method when charged automatically",
		When:     []csvspec.Field{csvspec.FieldCustomer},
		needs:    dataCustomers,
		Check: func(c *Check) {
			if !c.lacksPaymentMethod() {
				return
			}
			if why := c.free(); why != "" {
				c.Report(Finding{Column: "customer", Message: c.words("the customer has no default payment method. The row collects nothing: %s.", why)})
			}
		},
	}
}
