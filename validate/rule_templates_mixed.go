package validate

import (
	"slices"

	"github.com/subferry/subferry/csvspec"
)

func ruleTemplatesMixed() Rule {
	return Rule{
		Code:     "templates_mixed",
		Severity: Error,
		Title:    "The row says in two ways what is sold",
		Why:      "A row that fills price and also items or adhoc_items could mean one subscription or two; nobody should have to guess.",
		Fix:      "Move the price to the first free items.x.price and clear price and quantity, or clear the other columns.",
		Bad:      "customer,start_date,price,items.0.price\ncus_Ada,1801440000,price_Pro,price_Seat\n",
		Good:     "customer,start_date,items.0.price,items.1.price\ncus_Ada,1801440000,price_Pro,price_Seat\n",
		Source:   "toolkit guide, templates",
		When:     []csvspec.Field{csvspec.FieldItemPrice, csvspec.FieldAdhocAmount},
		Check: func(c *Check) {
			// Items that say nothing but the price once more are one mistake, a price that stands twice, and not
			// another way of saying what is sold.
			another := func(item csvspec.Item) bool { return item.Price != "" && item.Price != c.Row.Price }
			repeats := filled(c.Row.Items) > 0 && filled(c.Row.AdhocItems) == 0 && !slices.ContainsFunc(c.Row.Items, another)
			if c.Row.Price == "" || repeats {
				return
			}
			other := "items"
			if len(c.Row.Items) == 0 {
				other = "adhoc_items"
			}
			c.Report(Finding{Column: "price", Message: "the row fills price and " + other + "; one of them was expected."})
		},
	}
}
