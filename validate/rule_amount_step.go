package validate

import (
	"strings"

	"github.com/subferry/subferry/csvspec"
)

func ruleAmountStep() Rule {
	return Rule{
		Code:     "amount_step",
		Severity: Error,
		Title:    "An amount is finer than its currency can be charged",
		Why:      "ISK and UGX are written with two decimals that must be 00; currencies with three decimals (BHD, JOD, KWD, OMR, TND) with a last decimal of 0. Nothing is rounded here.",
		Fix:      "Write an amount that ends in 00 (ISK, UGX) or in 0 (BHD, JOD, KWD, OMR, TND).",
		Bad:      adhocAmount("1999", "isk"),
		Good:     adhocAmount("1900", "isk"),
		Source:   "Stripe API, money: zero-, two- and three-decimal currencies",
		When:     amountFields(),
		Check: func(c *Check) {
			c.eachAmount(func(f csvspec.Field, item int, m csvspec.Money) {
				if step := c.v.steps[m.Currency]; step > 1 && m.Minor%step != 0 {
					c.Report(Finding{Column: f.Name(item), Message: c.words("this is %s, but %s is charged in steps of %s.",
						m, strings.ToUpper(m.Currency), csvspec.Money{Minor: step, Currency: m.Currency})})
				}
			})
		},
	}
}
