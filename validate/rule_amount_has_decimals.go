package validate

import "github.com/subferry/subferry/csvspec"

func ruleAmountHasDecimals() Rule {
	return Rule{
		Code:     "amount_has_decimals",
		Severity: Error,
		Title:    "An amount has decimals, but amounts are read as cents",
		Why:      "Stripe's documentation exists in two wordings: amounts as a whole number of cents (2150) and as full units with decimals (21.50). They differ by a factor of 100, so it is never guessed which one a file follows.",
		Fix:      "If the whole file states full units, say so with --amount-unit major. Otherwise write this amount as a whole number of cents.",
		Bad:      adhocAmount("21.50", "usd"),
		Good:     adhocAmount("2150", "usd"),
		Source:   "toolkit guide, column adhoc_items.x.amount, older and newer wording",
		onlyIf:   hasBadCell,
		Check: func(c *Check) {
			c.eachBad(func(name, text string) {
				if whole := WholeAmount(text, c.v.opts.Unit); whole != "" {
					c.Report(wholeAmount(name, whole))
					return
				}
				c.Report(Finding{Column: name, Message: "a whole number of minor units (cents) was expected, such as 2150 for 21.50 USD."})
			}, csvspec.ProblemMinorHasDecimals)
		},
	}
}
