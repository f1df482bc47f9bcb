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
			if isID(id, "cus_") || rounded(id) || c.knowsCustomer() {
				return
			}
			guess := c.guess("customer", id)
			f := Finding{Column: "customer", Message: "a customer ID that begins with cus_ was expected." + guess}
			switch chosen := guess == "" && chosenID(id); {
			case chosen && c.v.known&dataCustomers != 0:
				f.Message = "a customer ID that begins with cus_ was expected; the account has no customer with this one."
			case chosen && c.v.opts.Looking:
				return
			case chosen:
				f.Message += " If the account has customers with IDs of its own choice, only the account can tell."
				f.Fix = c.rule().Fix + " An ID of another form is accepted when the file is validated with the account at hand and the account has it."
			}
			if strings.HasPrefix(id, "#") || strings.HasPrefix(id, "//") {
				f.Message += " The format has no mark for lines that are to be left out."
				f.Fix = "Delete the line if it is to be left out; otherwise delete what stands in front of the ID."
			}
			c.Report(f)
		},
	}
}

// chosenID tells whether somebody may have given such an ID to a customer: a word, a number or a UUID.
func chosenID(id string) bool {
	for i := range len(id) {
		if c := id[i] | 0x20; !('a' <= c && c <= 'z' || '0' <= id[i] && id[i] <= '9' || strings.IndexByte("_-.:", id[i]) >= 0) {
			return false
		}
	}
	return true
}
