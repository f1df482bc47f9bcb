package validate

import (
	"fmt"
)

// maxPerCustomer is how many subscriptions a customer can have.
const maxPerCustomer = 500

func ruleCustomerTooMany() Rule {
	return Rule{
		Code:     "customer_too_many",
		Severity: Error,
		Title:    "A customer has more than 500 subscriptions",
		Why:      "Stripe allows 500 active or scheduled subscriptions for a customer and refuses further ones.",
		Fix:      "Combine subscriptions by quantity or as items of one subscription, or spread them over several customers.",
		Bad:      manyRows(501),
		Good:     manyRows(500),
		Source:   "schedules, limits: 500 active or scheduled subscriptions per customer",
		File: func(t *FileCheck) {
			for _, c := range t.byCustomer.OverLimit {
				has := ""
				if c.Other > 0 {
					has = fmt.Sprintf(" and %d subscriptions in the account", c.Other)
				}
				t.reportRow(c.First, Finding{Message: fmt.Sprintf("the customer of this row has %d rows in this file%s; at most %d were expected, and this is the first one too many.", c.Rows, has, maxPerCustomer)})
			}
		},
	}
}
