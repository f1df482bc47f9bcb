package validate

import "github.com/subferry/subferry/csvspec"

func ruleQuantityNegative() Rule {
	return Rule{
		Code:     "quantity_negative",
		Severity: Error,
		Title:    "A quantity is negative",
		Why:      "Stripe refuses quantities below 0.",
		Fix:      "Write how many units the customer has; blank means 1.",
		Bad:      "customer,start_date,price,quantity\ncus_Ada,1801440000,price_Pro,-1\n",
		Good:     "customer,start_date,price,quantity\ncus_Ada,1801440000,price_Pro,1\n",
		Source:   "toolkit guide, column quantity: integer, default 1",
		When:     quantityFields(),
		onlyIf:   hasItems | hasOddNumber,
		Check: func(c *Check) {
			c.eachQuantity(func(f csvspec.Field, item int, n int64) {
				if n < 0 {
					c.Report(Finding{Column: f.Name(item), Message: "a quantity of 0 or more was expected."})
				}
			})
		},
	}
}

func quantityFields() []csvspec.Field {
	return []csvspec.Field{csvspec.FieldQuantity, csvspec.FieldItemQuantity, csvspec.FieldAdhocQuantity}
}

// eachQuantity visits the quantities that the row states.
func (c *Check) eachQuantity(visit func(f csvspec.Field, item int, n int64)) {
	see := func(q csvspec.Int, f csvspec.Field, item int) {
		if q.Set {
			visit(f, item, q.N)
		}
	}
	see(c.Row.Quantity, csvspec.FieldQuantity, 0)
	for i := range c.Row.Items {
		see(c.Row.Items[i].Quantity, csvspec.FieldItemQuantity, i)
	}
	for i := range c.Row.AdhocItems {
		see(c.Row.AdhocItems[i].Quantity, csvspec.FieldAdhocQuantity, i)
	}
}
