package validate

import "github.com/subferry/subferry/csvspec"

func rulePriceInactive() Rule {
	return Rule{
		Code:     "price_inactive",
		Severity: Error,
		Title:    "The price is archived",
		Why:      "Stripe refuses new subscriptions to archived prices.",
		Fix:      "Unarchive the price, or use another one.",
		Bad:      "customer,start_date,price\ncus_Ada,1801440000,price_Archived\n",
		Good:     "customer,start_date,price\ncus_Ada,1801440000,price_Pro\n",
		Source:   "docs.stripe.com/products-prices/manage-prices: archived prices",
		When:     priceFields(),
		needs:    factPrices,
		Check: func(c *Check) {
			c.eachPrice(func(f csvspec.Field, item int, id string) {
				if p, ok := c.Account().Prices[id]; ok && !p.Active {
					c.Report(Finding{Column: f.Name(item), Message: "the price is archived."})
				}
			})
		},
	}
}
