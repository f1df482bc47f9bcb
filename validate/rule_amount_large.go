package validate

import "github.com/subferry/subferry/csvspec"

func ruleAmountLarge() Rule {
	return Rule{
		Code:     "amount_large",
		Severity: Warning,
		Title:    "An amount is larger than Stripe usually charges",
		Why:      "Stripe usually takes at most 99,999,999 minor units (999,999.99 USD). Amounts this large are often off by a factor of 100.",
		Fix:      "Check the amount, its unit and its quantity. Keep it if your account is allowed to charge it.",
		Bad:      adhocAmount("100000000", "usd"),
		Good:     adhocAmount("1000000", "usd"),
		Source:   "Stripe API, money: amounts are usually limited to 99,999,999",
		When:     amountFields(),
		Check: func(c *Check) {
			c.eachAmount(func(f csvspec.Field, item int, m csvspec.Money) {
				if m.Minor > csvspec.MaxAmount {
					c.Report(Finding{Column: f.Name(item), Message: c.words("this is %s, more than Stripe usually charges at once.", m)})
				}
			})
			for i := range c.Row.AdhocItems { // an amount that is right, and too large only when it is multiplied
				m, n := c.Row.AdhocItems[i].Money(), c.Row.AdhocItems[i].Quantity.N
				if n > 1 && 0 < m.Minor && m.Minor <= csvspec.MaxAmount && n > csvspec.MaxAmount/m.Minor {
					c.Report(Finding{Column: csvspec.FieldAdhocQuantity.Name(i), Message: c.words("%d times %s is more than Stripe usually charges at once.", n, m)})
				}
			}
		},
	}
}
