package validate

import "github.com/subferry/subferry/csvspec"

func ruleTaxBehaviorUnspecified() Rule {
	return Rule{
		Code:     "tax_behavior_unspecified",
		Severity: Warning,
		Title:    "Stripe Tax is not told whether an amount includes tax",
		Why:      "With automatic_tax, Stripe refuses an amount that says neither inclusive nor exclusive, unless the account's tax settings state a default. Those settings are not looked up here, so this is no error. Amounts of the file itself never say it: the format has no column for that.",
		Fix:      "Make sure that the tax settings of the account state a default tax behavior, or use a price whose tax_behavior is inclusive or exclusive in the row's currency.",
		Bad:      "customer,start_date,price,automatic_tax\ncus_Ada,1801440000,price_Untaxed,true\n",
		Good:     "customer,start_date,price,automatic_tax\ncus_Ada,1801440000,price_Pro,true\n",
		Source:   "Stripe Tax, tax behavior: unspecified needs a default in the tax settings",
		When:     []csvspec.Field{csvspec.FieldAutomaticTax},
		Check: func(c *Check) {
			at, message := "", ""
			if c.v.known&dataPrices != 0 {
				currency := c.charged()
				c.eachPrice(func(f csvspec.Field, item int, id string) {
					if amount, _ := c.Account().Prices[id].In(currency); at == "" && amount.TaxBehavior == "unspecified" {
						at, message = f.Name(item), "the tax_behavior of this price is unspecified in "+currency+"; with automatic_tax it depends on the default in the account's tax settings."
					}
				})
			}
			c.eachAmount(func(f csvspec.Field, item int, m csvspec.Money) {
				if at == "" && m.Minor > 0 {
					at, message = f.Name(item), "an amount of the file says nothing about its tax; with automatic_tax it depends on the default in the account's tax settings."
				}
			})
			if at != "" {
				c.Report(Finding{Column: at, Message: message})
			}
		},
	}
}
