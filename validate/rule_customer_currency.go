package validate

import (
	"slices"

	"github.com/subferry/subferry/csvspec"
)

func ruleCustomerCurrency() Rule {
	return Rule{
		Code:     "customer_currency",
		Severity: Error,
		Title:    "The customer is charged in another currency already",
		Why:      "All that a customer has - live subscriptions, schedules, discounts, quotes, pending invoice items - shares one currency. Stripe refuses a second one, in the middle of a run.",
		Fix:      "Charge the row in the customer's currency, or create a second customer for it.",
		Bad:      "customer,start_date,price\ncus_Euro,1801440000,price_Pro\n",
		Good:     "customer,start_date,price\ncus_Ada,1801440000,price_Pro\n",
		Source:   "Stripe API, customers: currency",
		When:     []csvspec.Field{csvspec.FieldCustomer},
		needs:    dataCustomers,
		Check: func(c *Check) {
			customer, row := c.Account().Customers[c.Row.Customer], c.charged()
			has := customer.Currency
			if d := customer.Discount; d != nil && has == "" && d.Coupon.AmountOff > 0 {
				if _, also := d.Coupon.AmountsOff[row]; !also {
					has = d.Coupon.Currency // a discount over an amount counts like a subscription in its currency
				}
			}
			if has == "" || row == "" || row == has {
				return
			}
			at := csvspec.FieldCustomer.Name(0) // the column that decides in which currency the row is charged
			if c.Row.Currency != "" {
				at = csvspec.FieldCurrency.Name(0)
			} else if c.defaultCurrency() == "" {
				if i := slices.IndexFunc(c.Row.AdhocItems, func(item csvspec.AdhocItem) bool { return item.Currency != "" }); i >= 0 {
					at = csvspec.FieldAdhocCurrency.Name(i)
				}
			}
			c.Report(Finding{Column: at, Message: c.words("the row is charged in %s, but the customer in %s: Stripe keeps one currency for a customer.", row, has)})
		},
	}
}
