package validate

import "github.com/subferry/subferry/csvspec"

func rulePriceMetered() Rule {
	return Rule{
		Code:     "price_metered",
		Severity: Error,
		Title:    "A metered price has a quantity",
		Why:      "What is billed for a metered price comes from reported usage; Stripe refuses a quantity.",
		Fix:      "Clear the quantity of this price.",
		Bad:      "customer,start_date,price,quantity\ncus_Ada,1801440000,price_Metered,3\n",
		Good:     "customer,start_date,price,quantity\ncus_Ada,1801440000,price_Metered,\n",
		Source:   "schedules: no quantity for a metered price",
		When:     []csvspec.Field{csvspec.FieldQuantity, csvspec.FieldItemQuantity},
		needs:    dataPrices,
		Check: func(c *Check) {
			r := c.Row
			if r.Quantity.Set && c.Account().Prices[r.Price].Metered {
				c.Report(Finding{Column: "quantity", Message: "the price is metered, so no quantity was expected."})
			}
			for i := range r.Items {
				if r.Items[i].Quantity.Set && c.Account().Prices[r.Items[i].Price].Metered {
					c.Report(Finding{Column: csvspec.FieldItemQuantity.Name(i), Message: "the price is metered, so no quantity was expected."})
				}
			}
		},
	}
}
