package validate

import (
	"strings"

	"github.com/subferry/subferry/csvspec"
)

func ruleAmountUnreadable() Rule {
	return Rule{
		Code:     "amount_unreadable",
		Severity: Error,
		Title:    "An amount cannot be read",
		Why:      "Money is never guessed.",
		Fix:      "Write the amount with digits only, without currency sign, separators of thousands or spaces: 1999 for 19.99 USD, or 19.99 when the file states full units.",
		Bad:      adhocAmount("\"$1,999\"", "usd"),
		Good:     adhocAmount("199900", "usd"),
		Source:   "toolkit guide, column adhoc_items.x.amount: number",
		onlyIf:   hasBadCell,
		Check: func(c *Check) {
			c.eachBad(func(name, text string) {
				if whole := WholeAmount(text, c.v.opts.Unit); whole != "" {
					c.Report(wholeAmount(name, whole)) // 100,0, as pandas writes it where the comma is the decimal sign
					return
				}
				message := "an amount in digits was expected." + c.hint(name, text)
				if strings.Contains(text, ",") {
					message += " Whether a comma separates thousands or decimals differs from country to country."
				}
				c.Report(Finding{Column: name, Message: message})
			}, csvspec.ProblemNotAmount)
		},
	}
}
