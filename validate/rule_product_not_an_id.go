package validate

import "github.com/subferry/subferry/csvspec"

func ruleProductNotAnID() Rule {
	return Rule{
		Code:     "product_not_an_id",
		Severity: Error,
		Title:    "A product is not a product ID",
		Why:      "An amount that the file states is charged for a product, which must exist in the account already.",
		Fix:      "Write the ID of the product, which begins with prod_. It stands in the Dashboard on the product's page.",
		Bad:      "customer,start_date,adhoc_items.0.amount,adhoc_items.0.product,adhoc_items.0.interval,adhoc_items.0.currency\ncus_Ada,1801440000,1999,price_Pro,month,usd\n",
		Good:     "customer,start_date,adhoc_items.0.amount,adhoc_items.0.product,adhoc_items.0.interval,adhoc_items.0.currency\ncus_Ada,1801440000,1999,prod_Pro,month,usd\n",
		Source:   "toolkit guide, columns adhoc_items.x.product and add_invoice_items.x.product",
		When:     []csvspec.Field{csvspec.FieldAdhocProduct, csvspec.FieldInvoiceProduct},
		Check: func(c *Check) {
			for i := range c.Row.AdhocItems {
				c.checkProduct(c.Row.AdhocItems[i].Product, csvspec.FieldAdhocProduct, i)
			}
			for i := range c.Row.AddInvoiceItems {
				c.checkProduct(c.Row.AddInvoiceItems[i].Product, csvspec.FieldInvoiceProduct, i)
			}
		},
	}
}

func (c *Check) checkProduct(id string, f csvspec.Field, item int) {
	if id == "" || isID(id, "prod_") || rounded(id) {
		return
	}
	name := f.Name(item)
	c.Report(Finding{Column: name, Message: "a product ID that begins with prod_ was expected." + c.hint(name, id)})
}
