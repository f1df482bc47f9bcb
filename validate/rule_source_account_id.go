package validate

import (
	"fmt"

	"github.com/subferry/subferry/csvspec"
)

func ruleSourceAccountID() Rule {
	return Rule{
		Code:     "source_account_id",
		Severity: Error,
		Title:    "An ID is the source account's",
		Why:      "A copy of customers to another account keeps their IDs; prices, products, coupons and tax rates have new ones there, and Stripe refuses the old ones.",
		Fix:      "Write the ID that the same thing has in the destination account: convert and export put it in with --map.",
		Bad:      "customer,start_date,price\ncus_Ada,1801440000,price_Source\n",
		Good:     "customer,start_date,price\ncus_Ada,1801440000,price_Pro\n",
		Source:   "toolkit guide, Stripe-to-Stripe: source IDs are an error",
		Check: func(c *Check) {
			if c.Account() == nil || len(c.Account().SourceIDs) == 0 {
				return
			}
			c.eachReference(func(column, id string) {
				here := c.Account().SourceIDs[id]
				switch {
				case !c.foreign(id):
				case here == "":
					c.Report(Finding{Column: column, Message: "this is the source account's ID; the destination account has another one for the same thing."})
				default:
					c.Report(Finding{Column: column, Suggestion: here, Message: fmt.Sprintf("this is the source account's ID; in the destination account the same thing is %s.", here)})
				}
			})
		},
	}
}

// foreign tells whether an ID is the source account's, and not one that the destination account has as well, as coupons
// may.
func (c *Check) foreign(id string) bool {
	a := c.Account()
	if a == nil {
		return false
	}
	here, ok := a.SourceIDs[id]
	return ok && here != id && !has(a.Prices, id) && !has(a.Products, id) && !has(a.Coupons, id) && !has(a.TaxRates, id)
}

// eachReference visits the IDs of a row that differ between accounts.
func (c *Check) eachReference(visit func(column, id string)) {
	c.eachPrice(func(f csvspec.Field, item int, id string) { visit(f.Name(item), id) })
	for i := range c.Row.AdhocItems {
		visit(csvspec.FieldAdhocProduct.Name(i), c.Row.AdhocItems[i].Product)
	}
	for i := range c.Row.AddInvoiceItems {
		visit(csvspec.FieldInvoiceProduct.Name(i), c.Row.AddInvoiceItems[i].Product)
	}
	visit("coupon", c.Row.Coupon)
	visit("default_tax_rate", c.Row.DefaultTaxRate)
}
