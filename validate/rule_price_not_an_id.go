package validate

import (
	"github.com/subferry/subferry/csvspec"
)

func rulePriceNotAnID() Rule {
	return Rule{
		Code:     "price_not_an_id",
		Severity: Error,
		Title:    "A price is the ID of something else",
		Why:      "Only an existing recurring price can be subscribed to. Products, for example, have prices but are none.",
		Fix:      "Write the ID of the price, which begins with price_ (older accounts: plan_ or a name of your own). It stands in the Dashboard on the product's page.",
		Bad:      "customer,start_date,price\ncus_Ada,1801440000,prod_Pro\n",
		Good:     "customer,start_date,price\ncus_Ada,1801440000,price_Pro\n",
		Source:   "toolkit guide, column price: price ID, on older accounts plan_… or free-form",
		When:     []csvspec.Field{csvspec.FieldPrice, csvspec.FieldItemPrice},
		Check: func(c *Check) {
			c.checkPrice(c.Row.Price, csvspec.FieldPrice, 0)
			for i := range c.Row.Items {
				c.checkPrice(c.Row.Items[i].Price, csvspec.FieldItemPrice, i)
			}
		},
	}
}

// checkPrice refuses what cannot be the ID of a price. IDs of older accounts may be any word, so only IDs of
// another kind, and texts that no ID can be, are wrong.
func (c *Check) checkPrice(id string, f csvspec.Field, item int) {
	if isID(id, "price_") || id == "" || rounded(id) || freeFormPrice(id) || c.Account() != nil && has(c.Account().Prices, id) {
		return
	}
	found := Finding{Column: f.Name(item), Message: "a price ID was expected." + c.hint(f.Name(item), id)}
	if severalIDs(id) {
		found.Fix = "Write each price into a column of its own: items.0.price, items.1.price and so on, with its quantity beside it."
	}
	c.Report(found)
}
