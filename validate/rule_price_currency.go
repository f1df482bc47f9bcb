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
		Why:      "All items of a subscription are charged in one currency, and a price can be charged only in those it has. A row that names no currency is charged in the default currency of its price; a price with several takes another one only when the row names it.",
		Fix:      "Use a price that has the currency, or clear the currency column to charge in the price's own.",
		Bad:      "customer,start_date,price,currency\ncus_Ada,1801440000,price_Pro,jpy\n",
		Good:     "customer,start_date,price,currency\ncus_Ada,1801440000,price_Pro,eur\n",
		Source:   "toolkit guide, column currency: chooses the currency of a multi-currency price; pricing models guide, multi-currency prices",
		When:     priceFields(),
		needs:    dataPrices,
		Check: func(c *Check) {
			if wanted := c.charged(); wanted == "" {
				return
			} else if c.Row.Currency == "" {
				c.checkDefaults(wanted)
			} else {
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
			}
		},
	}
}

// checkDefaults reports what disagrees with the default currency of the first price, in which a row is charged that
// names no currency. That another price could be charged in it does not help: only a currency that is named counts.
func (c *Check) checkDefaults(wanted string) {
	var odd Finding
	others := 0
	disagree := func(f csvspec.Field, item int, has string) {
		switch {
		case strings.EqualFold(has, wanted) || has == "":
		case odd.Column == "":
			odd = Finding{Column: f.Name(item), Fix: c.nameCurrency(strings.ToLower(has), wanted),
				Message: fmt.Sprintf("currency is blank, so the row is charged in %s, the default currency of its first price; but this is in %s.", wanted, has)}
		default:
			others++
		}
	}
	c.eachPrice(func(f csvspec.Field, item int, id string) { disagree(f, item, c.Account().Prices[id].Currency) })
	several, first := false, c.statedCurrency() // amounts in several currencies are a mistake of its own
	c.eachCurrency(func(_ csvspec.Field, _ int, code string) { several = several || !strings.EqualFold(code, first) })
	if c.defaultCurrency() != "" && !several {
		c.eachCurrency(disagree)
	}
	c.reportMixed(odd, others)
}

// nameCurrency returns the fix for a row whose items are in two currencies by default: to name one that all of them
// have, where there is one.
func (c *Check) nameCurrency(currencies ...string) string {
	for _, code := range currencies {
		all := true
		c.eachPrice(func(_ csvspec.Field, _ int, id string) {
			p, ok := c.Account().Prices[id]
			all = all && ok && (p.Currency == code || has(p.Amounts, code))
		})
		c.eachCurrency(func(_ csvspec.Field, _ int, stated string) { all = all && strings.EqualFold(stated, code) })
		if all {
			return "Write " + code + " into the currency column: everything in the row can be charged in it. Otherwise split the row into one subscription for each currency."
		}
	}
	return "Use prices and amounts in one currency, or split the row into one subscription for each currency."
}
