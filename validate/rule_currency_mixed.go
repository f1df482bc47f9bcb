package validate

import (
	"fmt"
	"strings"

	"github.com/subferry/subferry/csvspec"
)

func ruleCurrencyMixed() Rule {
	return Rule{
		Code:     "currency_mixed",
		Severity: Error,
		Title:    "The row mixes currencies",
		Why:      "All items of a subscription, and its one-off items, are charged in one currency.",
		Fix:      "Use one currency in all currency columns of the row, or split the row into one subscription for each currency.",
		Bad:      mixedCurrency("eur"),
		Good:     mixedCurrency("usd"),
		Source:   "schedules, limits: all items of one subscription share currency and interval",
		When:     []csvspec.Field{csvspec.FieldAdhocCurrency, csvspec.FieldInvoiceCurrency},
		Check: func(c *Check) {
			first, at := "", ""
			var odd Finding
			others := 0
			c.eachCurrency(func(f csvspec.Field, item int, code string) {
				switch {
				case first == "":
					first, at = code, f.Name(item)
				case strings.EqualFold(code, first):
				case odd.Column == "":
					odd = Finding{Column: f.Name(item), Message: fmt.Sprintf("%s is in %s, but this is in %s.", at, first, code)}
				default:
					others++
				}
			})
			c.reportMixed(odd, others)
		},
	}
}

func mixedCurrency(second string) string {
	return "customer,start_date,adhoc_items.0.amount,adhoc_items.0.product,adhoc_items.0.interval,adhoc_items.0.currency," +
		"add_invoice_items.0.amount,add_invoice_items.0.product,add_invoice_items.0.currency\n" +
		"cus_Ada,1801440000,1999,prod_Pro,month,usd,500,prod_Setup," + second + "\n"
}
