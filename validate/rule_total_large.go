package validate

import (
	"github.com/shopspring/decimal"

	"github.com/subferry/subferry/csvspec"
)

func ruleTotalLarge() Rule {
	return Rule{
		Code:     "total_large",
		Severity: Warning,
		Title:    "A price times its quantity is more than Stripe usually charges",
		Why:      "Stripe usually takes at most 99,999,999 minor units (999,999.99 USD), of a price times its quantity as well. Quantities this large are often amounts, or IDs, in the wrong column.",
		Fix:      "Check the price and its quantity. Keep them if your account is allowed to charge as much.",
		Bad:      "customer,start_date,price,quantity\ncus_Ada,1801440000,price_Pro,60000\n",
		Good:     "customer,start_date,price,quantity\ncus_Ada,1801440000,price_Pro,50000\n",
		Source:   "docs.stripe.com/currencies, minimum and maximum charge amounts",
		When:     priceFields(),
		needs:    dataPrices,
		Check: func(c *Check) {
			c.eachSold(func(item soldItem) {
				if item.price == "" || !item.known || !item.total.GreaterThan(decimal.NewFromInt(csvspec.MaxAmount)) {
					return
				}
				at := item.quantity
				if item.unit.GreaterThan(decimal.NewFromInt(csvspec.MaxAmount)) {
					at = item.field
				}
				c.Report(Finding{Column: at.Name(item.index), Message: c.words("this comes to %s, more than Stripe usually charges at once.",
					csvspec.Money{Minor: item.total.Round(0).IntPart(), Currency: item.currency})})
			})
		},
	}
}
