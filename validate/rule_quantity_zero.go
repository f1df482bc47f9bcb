package validate

import "github.com/subferry/subferry/csvspec"

func ruleQuantityZero() Rule {
	return Rule{
		Code:     "quantity_zero",
		Severity: Warning,
		Title:    "A quantity is 0",
		Why:      "The customer would be subscribed and charged nothing.",
		Fix:      "Write how many units the customer has; leave the cell blank for 1.",
		Bad:      "customer,start_date,price,quantity\ncus_Ada,1801440000,price_Pro,0\n",
		Good:     "customer,start_date,price,quantity\ncus_Ada,1801440000,price_Pro,\n",
		Source:   "toolkit guide, column quantity: integer, default 1",
		When:     quantityFields(),
		Check: func(c *Check) {
			c.eachQuantity(func(f csvspec.Field, item int, n int64) {
				if n == 0 {
					c.Report(Finding{Column: f.Name(item), Message: "a quantity of 0 charges nothing."})
				}
			})
		},
	}
}
