package validate

import (
	"fmt"

	"github.com/subferry/subferry/csvspec"
)

func ruleItemsTooMany() Rule {
	return Rule{
		Code:     "items_too_many",
		Severity: Error,
		Title:    "The subscription has more than 20 items",
		Why:      "Stripe refuses subscriptions with more than 20 items.",
		Fix:      "Split the row into two subscriptions of the same customer with at most 20 items each.",
		Bad:      manyItems(21),
		Good:     manyItems(20),
		Source:   "toolkit guide, column items.x: at most 20 items; schedule limits",
		When:     []csvspec.Field{csvspec.FieldItemPrice, csvspec.FieldAdhocAmount, csvspec.FieldInvoiceAmount},
		Check: func(c *Check) {
			r := c.Row
			if len(r.Items)+len(r.AdhocItems) <= maxItems && len(r.AddInvoiceItems) <= maxItems {
				return
			}
			if n := filled(r.Items) + filled(r.AdhocItems); n > maxItems {
				c.Report(Finding{Message: c.words("the row has %d items; at most %d were expected.", n, maxItems)})
			}
			if n := filled(r.AddInvoiceItems); n > maxItems {
				c.Report(Finding{
					Message: c.words("the row has %d one-off items (add_invoice_items); at most %d were expected.", n, maxItems),
					Fix:     "Combine some of the one-off items, or invoice them separately.",
				})
			}
		},
	}
}

// maxItems is the limit for items, and for one-off items.
const maxItems = csvspec.MaxItems

func filled[T interface{ IsBlank() bool }](items []T) int {
	n := 0
	for _, item := range items {
		if !item.IsBlank() {
			n++
		}
	}
	return n
}

// manyItems returns an example with n items.
func manyItems(n int) string {
	header, row := "customer,start_date", "cus_Ada,1801440000"
	for i := range n {
		header += "," + column(csvspec.FieldItemPrice, i)
		row += fmt.Sprintf(",price_Part%d", i)
	}
	return header + "\n" + row + "\n"
}
