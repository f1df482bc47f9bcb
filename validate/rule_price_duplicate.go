package validate

import "github.com/subferry/subferry/csvspec"

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
				if first := c.sameAs(i); first != "" {
					name := column(csvspec.FieldItemPrice, i)
					c.Report(Finding{Column: name, Message: "this price stands in " + first + " already."})
				}
			}
		},
	}
}

// sameAs returns the first column in front of item i that has the same price; "" when none has.
func (c *Check) sameAs(i int) string {
	id := c.Row.Items[i].Price
	switch {
	case id == "":
		return ""
	case id == c.Row.Price:
		return csvspec.FieldPrice.Name(0)
	}
	for k := range i {
		if c.Row.Items[k].Price == id {
			return column(csvspec.FieldItemPrice, k)
		}
	}
	return ""
}

// repeatsPrice tells whether the row's items say nothing but its price once more. That is one mistake, a price that
// stands twice, and not another way of saying what is sold.
func (c *Check) repeatsPrice() bool {
	for i := range c.Row.Items {
		if id := c.Row.Items[i].Price; id != "" && id != c.Row.Price {
			return false
		}
	}
	return filled(c.Row.Items) > 0 && filled(c.Row.AdhocItems) == 0
}
