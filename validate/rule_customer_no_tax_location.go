package validate

import "github.com/subferry/subferry/csvspec"

func ruleCustomerNoTaxLocation() Rule {
	return Rule{
		Code:     "customer_no_tax_location",
		Severity: Error,
		Title:    "The customer has no address for Stripe Tax",
		Why:      "Stripe Tax needs to know where the customer is.",
		Fix:      "Add an address, or at least a postal code and country, to the customer; or set automatic_tax to false.",
		Bad:      "customer,start_date,price,automatic_tax\ncus_Homeless,1801440000,price_Pro,true\n",
		Good:     "customer,start_date,price,automatic_tax\ncus_Ada,1801440000,price_Pro,true\n",
		Source:   "toolkit guide, column customer: address or postal code when tax is automatic",
		When:     []csvspec.Field{csvspec.FieldAutomaticTax},
		needs:    dataCustomers,
		Check: func(c *Check) {
			if customer, ok := c.Account().Customers[c.Row.Customer]; ok && !customer.HasTaxLocation {
				c.Report(Finding{Column: "customer", Message: "automatic_tax is true, but the customer has no address or postal code."})
			}
		},
	}
}
