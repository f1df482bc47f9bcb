package validate

import "github.com/subferry/subferry/csvspec"

func rulePriceUnknown() Rule {
	return Rule{
		Code:     "price_unknown",
		Severity: Error,
		Title:    "The account has no such price",
		Why:      "Stripe refuses prices it does not know. In a move between accounts, prices have new IDs in the destination.",
		Fix:      "Write the ID that the price has in this account and mode.",
		Bad:      "customer,start_date,price\ncus_Ada,1801440000,price_Gone\n",
		Good:     "customer,start_date,price\ncus_Ada,1801440000,price_Pro\n",
		Source:   "toolkit guide, column price; Stripe-to-Stripe: source IDs are an error",
		When:     priceFields(),
		needs:    dataPrices,
		Check: func(c *Check) {
			c.eachPrice(func(f csvspec.Field, item int, id string) {
				if rounded(id) || c.foreign(id) {
					return
				}
				if !has(c.Account().Prices, id) && freeFormPrice(id) || isID(id, "price_") && !has(c.Account().Prices, id) {
					c.Report(Finding{Column: f.Name(item), Message: "the account has no price with this ID."})
				}
			})
		},
	}
}
