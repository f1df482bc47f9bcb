package validate

import (
	"strings"

	"github.com/subferry/subferry/csvspec"
)

func ruleCurrencyUnsupported() Rule {
	return Rule{
		Code:     "currency_unsupported",
		Severity: Error,
		Title:    "A currency is not one that Stripe supports",
		Why:      "Stripe refuses the row.",
		Fix:      "Write the ISO code of the currency in lower case, for example usd or eur.",
		Bad:      "customer,start_date,price,currency\ncus_Ada,1801440000,price_Pro,dollar\n",
		Good:     "customer,start_date,price,currency\ncus_Ada,1801440000,price_Pro,usd\n",
		Source:   "toolkit guide, columns currency and adhoc_items.x.currency: must be a currency Stripe supports",
		When:     currencyFields(),
		onlyIf:   hasItems | hasNewCurrency,
		Check: func(c *Check) {
			if c.sameCurrency() {
				return
			}
			c.eachCurrency(func(f csvspec.Field, item int, code string) {
				if c.supported(code) || c.v.steps[strings.ToLower(code)] != 0 {
					return
				}
				name := f.Name(item)
				c.Report(Finding{Column: name, Message: "the code of a currency that Stripe supports, such as usd, was expected." + c.guessCurrency(name, code)})
			})
		},
	}
}

// guessCurrency names the currency that a symbol or a word stands for.
func (c *Check) guessCurrency(name, text string) string {
	code := map[string]string{
		"$": "usd", "us$": "usd", "dollar": "usd", "dollars": "usd", "€": "eur", "euro": "eur", "euros": "eur",
		"£": "gbp", "pound": "gbp", "pounds": "gbp", "¥": "jpy", "yen": "jpy", "fr": "chf", "sfr": "chf", "rmb": "cny", "kr": "sek, nok or dkk",
	}[strings.ToLower(text)]
	if code != "" {
		return " Is " + code + " meant?"
	}
	return c.hint(name, text)
}
