package validate

import (
	"fmt"

	"github.com/subferry/subferry/csvspec"
)

func ruleQuantityZero() Rule {
	return Rule{
		Code:     "quantity_zero",
		Severity: Warning,
		Title:    "A quantity is 0",
		Why:      "The customer would be subscribed and, in most cases, charged nothing. A price with tiers still charges the flat fee of its first tier.",
		Fix:      "Write how many units the customer has; leave the cell blank for 1.",
		Bad:      "customer,start_date,price,quantity\ncus_Ada,1801440000,price_Pro,0\n",
		Good:     "customer,start_date,price,quantity\ncus_Ada,1801440000,price_Pro,\n",
		Source:   "toolkit guide, column quantity: integer, default 1; pricing models guide, flat fees",
		When:     quantityFields(),
		onlyIf:   hasItems | hasOddNumber,
		Check: func(c *Check) {
			c.eachQuantity(func(f csvspec.Field, item int, n int64) {
				if n == 0 {
					c.Report(Finding{Column: f.Name(item), Message: c.owedForNothing(f, item)})
				}
			})
		},
	}
}

// owedForNothing says what a quantity of 0 comes to.
func (c *Check) owedForNothing(quantity csvspec.Field, index int) string {
	if c.silent() {
		return ""
	}
	message := "a quantity of 0 charges nothing, unless the price has tiers: the flat fee of the first one is owed all the same."
	c.eachSold(func(item soldItem) {
		switch {
		case item.quantity != quantity || item.index != index || !item.known:
		case item.total.IsZero():
			message = "a quantity of 0 charges nothing."
		default:
			message = fmt.Sprintf("a quantity of 0 still owes the flat fee of the price's first tier, %s.", csvspec.Money{Minor: item.total.Round(0).IntPart(), Currency: item.currency})
		}
	})
	return message
}
