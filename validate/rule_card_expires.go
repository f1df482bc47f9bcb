package validate

import (
	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/csvspec/words"
)

func ruleCardExpires() Rule {
	return Rule{
		Code:     "card_expires",
		Severity: Warning,
		Title:    "The customer's card expires before the first charge",
		Why:      "An expired card may be declined. Banks replace many cards by themselves and tell Stripe, but not all of them.",
		Fix:      "Ask the customer for a new card before the row starts, or send invoices: collection_method send_invoice.",
		Bad:      "customer,start_date,price\ncus_Expiring,1801440000,price_Pro\n",
		Good:     "customer,start_date,price\ncus_Ada,1801440000,price_Pro\n",
		Source:   "Stripe API, payment methods: card.exp_month, card.exp_year",
		When:     []csvspec.Field{csvspec.FieldCustomer},
		Reads:    []csvspec.Field{csvspec.FieldStartDate, csvspec.FieldTrialEnd, csvspec.FieldBillingCycleAnchor},
		needs:    dataCustomers,
		Check: func(c *Check) {
			expires := c.Account().Customers[c.Row.Customer].CardExpires
			method := c.Row.CollectionMethod
			if expires.IsBlank() || method != "" && method != "charge_automatically" {
				return
			}
			charged := max(c.Row.StartDate, c.Row.TrialEnd)
			if waits, _ := c.bridged(); waits {
				charged = max(charged, c.Row.BillingCycleAnchor)
			}
			if expires <= charged && c.free() == "" {
				c.Report(Finding{Column: "customer", Message: c.words("the customer's card is valid until %s, and the first charge is on %s.", words.Moment(expires), words.Moment(charged))})
			}
		},
	}
}
