package validate

import (
	"slices"

	"github.com/shopspring/decimal"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate/account"
)

// free says why nothing will ever be collected for the row; "" when something will be, or when it cannot be told.
func (c *Check) free() string {
	r := c.Row
	if c.unread != 0 || c.v.known&dataCustomers != 0 && c.Account().Customers[r.Customer].Balance > 0 {
		return "" // a debt is collected with an invoice over nothing too
	}
	items, usage := c.soldFor()
	oneOffs := decimal.Zero
	for i := range r.AddInvoiceItems {
		oneOffs = oneOffs.Add(decimal.NewFromInt(r.AddInvoiceItems[i].Amount.N))
	}
	waits, _ := c.bridged()
	waits = waits || r.TrialEnd > r.StartDate
	switch {
	case items != nil && items.IsZero() && oneOffs.IsZero():
		return "everything that it sells costs nothing"
	case bool(r.CancelAtPeriodEnd) && waits && !usage && oneOffs.IsZero():
		return "it ends before its first charge"
	case c.allOff(items, oneOffs, bool(r.CancelAtPeriodEnd) && !waits):
		return "a discount takes off everything"
	}
	return ""
}

// debt says in a sentence that what the customer owes from before is collected with an invoice over nothing as well;
// "" when the customer is known to owe nothing.
func (c *Check) debt() string {
	if c.v.known&dataCustomers == 0 {
		return " A debt of the customer is collected all the same, with the first invoice."
	}
	customer := c.Account().Customers[c.Row.Customer]
	if customer.Balance <= 0 {
		return ""
	}
	return c.words(" The customer's debt of %s is collected all the same, with the first invoice.", csvspec.Money{Minor: customer.Balance, Currency: customer.Currency})
}

// soldFor returns what a period of the row comes to, nil when that is not known, and whether usage is billed.
func (c *Check) soldFor() (total *decimal.Decimal, usage bool) {
	sum, known := decimal.Zero, true
	c.eachSold(func(item soldItem) {
		sum, known = sum.Add(item.total), known && item.known
		usage = usage || item.metered && !item.known
	})
	if !known {
		return nil, usage
	}
	return &sum, usage
}

// allOff tells whether the row's discount takes off all of each of its invoices. once is for rows that are charged a
// single time, for which it does not matter how long the discount lasts.
func (c *Check) allOff(items *decimal.Decimal, oneOffs decimal.Decimal, once bool) bool {
	coupon, ok := c.discount()
	if !ok || coupon.Duration != "forever" && !once {
		return false
	}
	covered := true
	c.eachProduct(func(product string) {
		covered = covered && (len(coupon.Products) == 0 || slices.Contains(coupon.Products, product))
	})
	if !covered {
		return false
	}
	if coupon.PercentOff != 0 {
		return coupon.PercentOff == account.Hundred
	}
	off := coupon.AmountsOff[c.charged()]
	if c.charged() == coupon.Currency {
		off = coupon.AmountOff
	}
	return items != nil && decimal.NewFromInt(off).GreaterThanOrEqual(items.Add(oneOffs))
}

// eachProduct visits the products that the row sells, once or again and again; "" is one that is not known.
func (c *Check) eachProduct(visit func(product string)) {
	c.eachSold(func(item soldItem) { visit(item.product) })
	for i := range c.Row.AddInvoiceItems {
		if item := &c.Row.AddInvoiceItems[i]; !item.IsBlank() {
			visit(item.Product)
		}
	}
}
