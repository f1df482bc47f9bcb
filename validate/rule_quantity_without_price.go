package validate

import "github.com/subferry/subferry/csvspec"

func ruleQuantityWithoutPrice() Rule {
	return Rule{
		Code:     "quantity_without_price",
		Severity: Error,
		Title:    "A quantity has no price that it belongs to",
		Why:      "The quantity would be dropped, and the customer charged for one instead.",
		Fix:      "Fill in the price beside the quantity, or move the quantity to the item that it belongs to.",
		Bad:      "customer,start_date,items.0.price,quantity\ncus_Ada,1801440000,price_Pro,5\n",
		Good:     "customer,start_date,items.0.price,items.0.quantity\ncus_Ada,1801440000,price_Pro,5\n",
		Source:   "toolkit guide, columns quantity and items.x.quantity",
		When:     []csvspec.Field{csvspec.FieldQuantity, csvspec.FieldItemQuantity},
		onlyIf:   hasItems,
		Check: func(c *Check) {
			r := c.Row
			if r.Quantity.Set && r.Price == "" && len(r.Items)+len(r.AdhocItems) > 0 {
				c.Report(Finding{Column: "quantity", Message: "this quantity belongs to price, which is blank."})
			}
			for i := range r.Items {
				if r.Items[i].Quantity.Set && r.Items[i].Price == "" {
					name := csvspec.FieldItemPrice.Name(i)
					c.Report(Finding{Column: name, Message: name + " is blank, but " + csvspec.FieldItemQuantity.Name(i) + " is filled in."})
				}
			}
		},
	}
}
