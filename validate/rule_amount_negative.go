package validate

import "github.com/subferry/subferry/csvspec"

func ruleAmountNegative() Rule {
	return Rule{
		Code:     "amount_negative",
		Severity: Error,
		Title:    "An amount is negative",
		Why:      "The format takes amounts of 0 or more. A discount is a coupon, not a negative amount.",
		Fix:      "Write the amount without a minus. For a discount, use the coupon column.",
		Bad:      adhocAmount("-500", "usd"),
		Good:     adhocAmount("500", "usd"),
		Source:   "toolkit guide, column adhoc_items.x.amount: number, 0 or more",
		When:     amountFields(),
		Check: func(c *Check) {
			c.eachAmount(func(f csvspec.Field, item int, m csvspec.Money) {
				if m.Minor < 0 {
					c.Report(Finding{Column: f.Name(item), Message: "an amount of 0 or more was expected."})
				}
			})
		},
	}
}
