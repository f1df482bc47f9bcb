package validate

import "github.com/subferry/subferry/csvspec"

func ruleInvoiceItemIncomplete() Rule {
	return Rule{
		Code:     "invoice_item_incomplete",
		Severity: Error,
		Title:    "A one-off item lacks one of its three parts",
		Why:      "An amount means nothing without its product and currency.",
		Fix:      "Fill in amount, product and currency of the one-off item, or clear all three.",
		Bad:      "customer,start_date,price,add_invoice_items.0.amount,add_invoice_items.0.product,add_invoice_items.0.currency\ncus_Ada,1801440000,price_Pro,500,,usd\n",
		Good:     "customer,start_date,price,add_invoice_items.0.amount,add_invoice_items.0.product,add_invoice_items.0.currency\ncus_Ada,1801440000,price_Pro,500,prod_Setup,usd\n",
		Source:   "toolkit guide, columns add_invoice_items.x.*: all three together",
		When:     []csvspec.Field{csvspec.FieldInvoiceAmount},
		Check: func(c *Check) {
			for i := range c.Row.AddInvoiceItems {
				item := &c.Row.AddInvoiceItems[i]
				if item.Amount.Set && item.Product != "" && item.Currency != "" {
					continue
				}
				c.incomplete(i, "one-off item", part{csvspec.FieldInvoiceAmount, item.Amount.Set},
					part{csvspec.FieldInvoiceProduct, item.Product != ""}, part{csvspec.FieldInvoiceCurrency, item.Currency != ""})
			}
		},
	}
}
