package validate

import "github.com/subferry/subferry/csvspec"

func ruleAmountTooPrecise() Rule {
	return Rule{
		Code:     "amount_too_precise",
		Severity: Error,
		Title:    "An amount has more decimals than its currency",
		Why:      "Nothing is ever rounded: half a cent can be lost or charged, and only you can say which.",
		Fix:      "Write the amount with as many decimals as the currency has: two for USD and EUR, none for JPY.",
		Bad:      adhocAmount("19.999", "usd"),
		Good:     adhocAmount("19.99", "usd"),
		Source:   "Stripe API, money: more decimals than the currency has is an error",
		gate:     gateBad,
		Check: func(c *Check) {
			c.eachBad(func(name, _ string) {
				c.Report(Finding{Column: name, Message: "the amount has more decimals than its currency."})
			}, csvspec.ProblemTooManyDecimals)
		},
	}
}
