package validate

import (
	"slices"

	"github.com/subferry/subferry/csvspec"
)

func rulePriceDuplicate() Rule {
	return Rule{
		Code:     "price_duplicate",
		Severity: Error,
		Title:    "A row has the same price in two items",
		Why:      "Stripe refuses a subscription in which two items have the same price: \"Cannot add multiple subscription items with the same plan\".",
		Fix:      "Add the quantities in one of the two items, and clear the other.",
		Bad:      "customer,start_date,items.0.price,items.0.quantity,items.1.price,items.1.quantity\ncus_Ada,1801440000,price_Pro,1,price_Pro,2\n",
		Good:     "customer,start_date,items.0.price,items.0.quantity,items.1.price,items.1.quantity\ncus_Ada,1801440000,price_Pro,3,,\n",
		Source:   "Stripe API, subscription items: no two items with the same price",
		When:     []csvspec.Field{csvspec.FieldItemPrice},
		Check: func(c *Check) {
			for i := range c.Row.Items {
				id, first := c.Row.Items[i].Price, ""
				if id == "" {
					continue
				}
				if k := slices.IndexFunc(c.Row.Items[:i], func(item csvspec.Item) bool { return item.Price == id }); k >= 0 {
					first = csvspec.FieldItemPrice.Name(k)
				}
				if id == c.Row.Price {
					first = csvspec.FieldPrice.Name(0)
				}
				if first != "" {
					c.Report(Finding{Column: csvspec.FieldItemPrice.Name(i), Message: "this price stands in " + first + " already."})
				}
			}
		},
	}
}
