package validate

import "github.com/subferry/subferry/csvspec"

func rulePriceInactive() Rule {
	return Rule{
		Code:     "price_inactive",
		Severity: Error,
		Title:    "The price, or its product, is archived",
		Why:      "Stripe refuses new subscriptions to archived prices, and to prices of archived products.",
		Fix:      "Unarchive the price or the product, or use another price.",
		Bad:      "customer,start_date,price\ncus_Ada,1801440000,price_Archived\n",
		Good:     "customer,start_date,price\ncus_Ada,1801440000,price_Pro\n",
		Source:   "docs.stripe.com/products-prices/manage-prices: archived prices; API error product_inactive",
		When:     priceFields(),
		needs:    dataPrices,
		Check: func(c *Check) {
			c.eachPrice(func(f csvspec.Field, item int, id string) {
				p, ok := c.Account().Prices[id]
				product, known := c.Account().Products[p.Product]
				switch {
				case ok && !p.Active:
					c.Report(Finding{Column: f.Name(item), Message: "the price is archived."})
				case known && !product.Active:
					c.Report(Finding{Column: f.Name(item), Message: "the product of this price, " + product.ID + ", is archived."})
				}
			})
		},
	}
}
