package validate

import "github.com/subferry/subferry/csvspec"

func rulePriceNotRecurring() Rule {
	return Rule{
		Code:     "price_not_recurring",
		Severity: Error,
		Title:    "The price is not recurring",
		Why:      "A subscription bills again and again; a one-time price cannot.",
		Fix:      "Use a recurring price. For a one-off fee, use add_invoice_items.0.amount and its neighbours.",
		Bad:      "customer,start_date,price\ncus_Ada,1801440000,price_Once\n",
		Good:     "customer,start_date,price\ncus_Ada,1801440000,price_Pro\n",
		Source:   "toolkit guide, column price: must be recurring",
		When:     priceFields(),
		needs:    dataPrices,
		Check: func(c *Check) {
			c.eachPrice(func(f csvspec.Field, item int, id string) {
				if p, ok := c.Account().Prices[id]; ok && p.Interval == "" {
					c.Report(Finding{Column: f.Name(item), Message: "this is a one-time price; a recurring one was expected."})
				}
			})
		},
	}
}
