package validate

import (
	"strings"

	"github.com/subferry/subferry/csvspec"
)

func ruleProductUnknown() Rule {
	return Rule{
		Code:     "product_unknown",
		Severity: Error,
		Title:    "The account has no such product, or it is archived",
		Why:      "Stripe refuses amounts for products that it does not know or that are archived.",
		Fix:      "Write the ID that the product has in this account and mode; unarchive it if need be.",
		Bad:      strings.Replace(adhocAmount("1999", "usd"), "prod_Pro", "prod_Gone", 1),
		Good:     adhocAmount("1999", "usd"),
		Source:   "toolkit guide, column adhoc_items.x.product; API errors resource_missing and product_inactive",
		When:     []csvspec.Field{csvspec.FieldAdhocProduct, csvspec.FieldInvoiceProduct},
		needs:    dataProducts,
		Check: func(c *Check) {
			for i := range c.Row.AdhocItems {
				c.findProduct(c.Row.AdhocItems[i].Product, csvspec.FieldAdhocProduct, i)
			}
			for i := range c.Row.AddInvoiceItems {
				c.findProduct(c.Row.AddInvoiceItems[i].Product, csvspec.FieldInvoiceProduct, i)
			}
		},
	}
}

func (c *Check) findProduct(id string, f csvspec.Field, item int) {
	if !isID(id, "prod_") || c.foreign(id) {
		return
	}
	switch product, ok := c.Account().Products[id]; {
	case !ok:
		c.Report(Finding{Column: f.Name(item), Message: "the account has no product with this ID."})
	case !product.Active:
		c.Report(Finding{Column: f.Name(item), Message: "the product is archived."})
	}
}
