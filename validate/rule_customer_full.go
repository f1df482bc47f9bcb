package validate

import (
	"fmt"

	"github.com/subferry/subferry/csvspec"
)

func ruleCustomerFull() Rule {
	return Rule{
		Code:     "customer_full",
		Severity: Error,
		Title:    "The customer has as many subscriptions as Stripe allows",
		Why:      "Stripe allows 500 active or scheduled subscriptions for a customer and refuses further ones.",
		Fix:      "Cancel subscriptions of the customer that are not needed any more, or use another customer for this row.",
		Bad:      "customer,start_date,price\ncus_Full,1801440000,price_Tiers\n",
		Good:     "customer,start_date,price\ncus_Ada,1801440000,price_Tiers\n",
		Source:   "schedules, limits: 500 active or scheduled subscriptions per customer; API error customer_max_subscriptions",
		When:     []csvspec.Field{csvspec.FieldCustomer},
		needs:    dataCustomers,
		Check: func(c *Check) {
			if n := c.Account().Customers[c.Row.Customer].Current; n >= maxPerCustomer {
				c.Report(Finding{Column: "customer", Message: fmt.Sprintf("the customer has %d active or scheduled subscriptions; fewer than %d were expected.", n, maxPerCustomer)})
			}
		},
	}
}
