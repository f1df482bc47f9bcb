package validate

import (
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/subferry/subferry/csvspec"
)

func ruleInvoiceItemRepeats() Rule {
	return Rule{
		Code:     "invoice_item_repeats",
		Severity: Warning,
		Title:    "A one-off item repeats what the row charges already",
		Why:      "One-off items stand on the first invoice beside the recurring items: the same product at the same amount is charged twice at the start.",
		Fix:      "Clear the one-off item, unless the customer owes the amount twice.",
		Bad:      repeatedItem("1999"),
		Good:     repeatedItem("500"),
		Source:   "toolkit guide, columns add_invoice_items.x: one-off items on the first invoice",
		When:     []csvspec.Field{csvspec.FieldInvoiceAmount},
		Reads:    []csvspec.Field{csvspec.FieldAdhocAmount, csvspec.FieldAdhocQuantity, csvspec.FieldInvoiceAmount},
		Check: func(c *Check) {
			for i := range c.Row.AddInvoiceItems {
				if at := c.repeated(i); at != "" {
					c.Report(Finding{Column: csvspec.FieldInvoiceAmount.Name(i), Message: c.words("%s sells the same product for %s; the first invoice charges both.",
						at, c.Row.AddInvoiceItems[i].Money())})
				}
			}
		},
	}
}

// repeated returns the column of the recurring item, or of the earlier one-off, that one-off i repeats; "" when it
// repeats none. What a recurring item costs is compared by the unit and by its quantity.
func (c *Check) repeated(i int) (at string) {
	once := c.Row.AddInvoiceItems[i]
	if once.Product == "" || once.Amount.N == 0 {
		return ""
	}
	if k := slices.Index(c.Row.AddInvoiceItems[:i], once); k >= 0 {
		return csvspec.FieldInvoiceAmount.Name(k)
	}
	amount := decimal.NewFromInt(once.Amount.N)
	c.eachSold(func(item soldItem) {
		if at == "" && item.known && item.product == once.Product && strings.EqualFold(item.currency, once.Currency) &&
			(item.unit.Equal(amount) || item.total.Equal(amount)) {
			at = item.field.Name(item.index)
		}
	})
	return at
}

func repeatedItem(amount string) string {
	return "customer,start_date,adhoc_items.0.amount,adhoc_items.0.product,adhoc_items.0.interval,adhoc_items.0.currency," +
		"add_invoice_items.0.amount,add_invoice_items.0.product,add_invoice_items.0.currency\n" +
		"cus_Ada,1801440000,1999,prod_Pro,month,usd," + amount + ",prod_Pro,usd\n"
}
