package validate

import (
	"strings"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/csvspec/words"
)

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
		onlyIf:   hasBadCell,
		Check: func(c *Check) {
			c.eachBad(func(name, _ string) {
				code, col := "", csvspec.ParseColumn(name)
				switch items, once := c.Row.AdhocItems, c.Row.AddInvoiceItems; {
				case col.Field == csvspec.FieldAdhocAmount && col.Item < len(items):
					code = items[col.Item].Currency
				case col.Field == csvspec.FieldInvoiceAmount && col.Item < len(once):
					code = once[col.Item].Currency
				}
				decimals, _ := csvspec.Decimals(code)
				c.Report(Finding{Column: name, Message: c.words("%s has %s; this amount has more.", strings.ToUpper(code), words.Count(decimals, "decimal"))})
			}, csvspec.ProblemTooManyDecimals)
		},
	}
}
