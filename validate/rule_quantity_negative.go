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
