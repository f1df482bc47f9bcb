package validate

import (
	"strings"

	"github.com/subferry/subferry/csvspec"
)

func ruleCurrencyCase() Rule {
	return Rule{
		Code:     "currency_case",
		Severity: Error,
		Title:    "A currency is written in capitals",
		Why:      "Stripe's files write currencies in lower case.",
		Fix:      "Write the currency in lower case; in a spreadsheet: =LOWER(A2).",
		Bad:      "customer,start_date,price,currency\ncus_Ada,1801440000,price_Pro,USD\n",
		Good:     "customer,start_date,price,currency\ncus_Ada,1801440000,price_Pro,usd\n",
		Source:   "toolkit guide, columns currency and adhoc_items.x.currency: lower case",
		mends:    MendFix,
		When:     currencyFields(),
		onlyIf:   hasItems | hasNewCurrency,
		Check: func(c *Check) {
			if c.sameCurrency() {
				return
			}
			c.eachCurrency(func(f csvspec.Field, item int, code string) {
				if c.supported(code) {
					return
				}
				if lower := strings.ToLower(code); c.v.steps[lower] != 0 {
					c.Report(Finding{Column: f.Name(item), Message: lower + " was expected, in lower case.", Suggestion: lower})
				}
			})
		},
	}
}
