package validate

import (
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
			if len(r.Items)+len(r.AdhocItems) <= csvspec.MaxItems && len(r.AddInvoiceItems) <= csvspec.MaxItems {
				return
			}
			if n := filled(r.Items) + filled(r.AdhocItems); n > csvspec.MaxItems {
				c.Report(Finding{Message: c.words("the row has %d items; at most %d were expected.", n, csvspec.MaxItems)})
			}
			if n := filled(r.AddInvoiceItems); n > csvspec.MaxItems {
				c.Report(Finding{
					Message: c.words("the row has %d one-off items (add_invoice_items); at most %d were expected.", n, csvspec.MaxItems),
					Fix:     "Combine some of the one-off items, or invoice them separately.",
				})
			}
		},
	}
}
