package validate

import (
	"fmt"
	"strings"

	"github.com/subferry/subferry/csvspec"
)

func rulePriceCurrency() Rule {
	return Rule{
		Code:     "price_currency",
		Severity: Error,
		Title:    "A price is not offered in the row's currency",
		Why:      "All items of a subscription are charged in one currency, and a price can be charged only in those it has.",
		Fix:      "Use a price that has the currency, or clear the currency column to charge in the price's own.",
		Bad:      "customer,start_date,price,currency\ncus_Ada,1801440000,price_Pro,jpy\n",
		Good:     "customer,start_date,price,currency\ncus_Ada,1801440000,price_Pro,eur\n",
		Source:   "toolkit guide, column currency: chooses the currency of a multi-currency price",
		When:     priceFields(),
		needs:    factPrices,
		Check: func(c *Check) {
			wanted := c.charged()
			if wanted == "" {
				return
			}
			var odd Finding
			others := 0
			c.eachPrice(func(f csvspec.Field, item int, id string) {
				p, ok := c.Account().Prices[id]
				switch {
				case !ok || p.Currency == wanted || has(p.Amounts, wanted):
				case odd.Column == "":
					odd = Finding{Column: f.Name(item), Message: fmt.Sprintf("the price is in %s, but the row in %s.", p.Currency, wanted)}
				default:
					others++
				}
			})
			c.reportMixed(odd, others)
		},
	}
}

// charged returns the currency in which the row is charged: what it says, or else that of its first known price.
func (c *Check) charged() string {
	first := ""
	c.eachCurrency(func(_ csvspec.Field, _ int, code string) {
		if first == "" {
			first = strings.ToLower(code)
		}
	})
	if first != "" && c.v.steps[first] == 0 {
		return "" // reported as a currency that Stripe does not support
	}
	c.eachPrice(func(_ csvspec.Field, _ int, id string) {
		if first == "" {
			first = c.Account().Prices[id].Currency
		}
	})
	return first
}
