package validate

import (
	"fmt"
	"slices"

	"github.com/subferry/subferry/csvspec"
)

func ruleSubscriptionExists() Rule {
	return Rule{
		Code:     "subscription_exists",
		Severity: Warning,
		Title:    "The customer has a subscription to this price already",
		Why:      "With a second one the customer pays for the same thing twice. Somebody may have created it by hand, or with another tool.",
		Fix:      "Look at the subscription that is named: leave the row out if it is the same one, or cancel that one before the row starts.",
		Bad:      "customer,start_date,price\ncus_Subscribed,1801440000,price_Pro\n",
		Good:     "customer,start_date,price\ncus_Subscribed,1801440000,price_Tiers\n",
		Source:   "users: duplicates after a second run; Stripe API, customers: subscriptions",
		When:     []csvspec.Field{csvspec.FieldCustomer},
		needs:    dataCustomers,
		Check: func(c *Check) {
			has := c.Account().Customers[c.Row.Customer].Subscriptions
			if len(has) == 0 {
				return
			}
			c.eachPrice(func(f csvspec.Field, item int, id string) {
				for _, s := range has {
					if !s.Ours && slices.Contains(s.Prices, id) {
						c.Report(Finding{Column: f.Name(item), Message: fmt.Sprintf("the customer has %s (%s) with this price already.", s.ID, s.Status)})
						return
					}
				}
			})
		},
	}
}
