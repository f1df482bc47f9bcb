package validate

import (
	"strings"

	"github.com/subferry/subferry/csvspec"
)

func ruleCustomerNotAnID() Rule {
	return Rule{
		Code:     "customer_not_an_id",
		Severity: Error,
		Title:    "The customer is not a customer ID",
		Why:      "Stripe finds customers by their ID only, not by name, e-mail or the ID of another object.",
		Fix:      "Write the Stripe ID of the customer, which begins with cus_; it stands in the Dashboard on the customer's page and in a customer export.",
		Bad:      "customer,start_date,price\nada@example.com,1801440000,price_Pro\n",
		Good:     "customer,start_date,price\ncus_Ada,1801440000,price_Pro\n",
		Source:   "toolkit guide, column customer: customer ID cus_…",
		When:     []csvspec.Field{csvspec.FieldCustomer},
		Check: func(c *Check) {
			id := c.Row.Customer
			if isID(id, "cus_") {
				return
			}
			f := Finding{Column: "customer", Message: "a customer ID that begins with cus_ was expected." + c.guess("customer", id)}
			if strings.HasPrefix(id, "#") || strings.HasPrefix(id, "//") {
				f.Message += " The format has no mark for lines that are to be left out."
				f.Fix = "Delete the line if it is to be left out; otherwise delete what stands in front of the ID."
			}
			c.Report(f)
		},
	}
}
