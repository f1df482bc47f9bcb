package sandbox

import (
	"slices"

	"github.com/subferry/subferry/migrate/sandbox/billing"
	"github.com/subferry/subferry/migrate/sandbox/object"
)

// discount gives a coupon to a subscription, or takes away what it had when
// the coupon is empty. A deleted coupon gives nothing.
func (t *tx) discount(sub *object.Subscription, coupon object.Text) {
	if coupon == "" {
		sub.Discount = nil
		return
	}
	o := t.coupons.edit(string(coupon))
	if o == nil {
		sub.Discount = nil
		return
	}
	o.TimesRedeemed++
	o.Valid = redeemable(o, t.now, "") == nil
	sub.Discount = &object.Discount{
		ID:           t.state.ids.next("di"),
		Object:       "discount",
		Coupon:       *o,
		Customer:     object.Text(sub.Customer),
		Start:        t.now,
		Subscription: object.Text(sub.ID),
	}
	if o.DurationInMonths != nil {
		months := billing.Interval{Unit: "month", Count: *o.DurationInMonths}
		sub.Discount.End = object.Stamp(months.Add(t.now, 1))
	}
}

// useDiscount returns the coupon that counts for an invoice and notes its use.
// A repeating discount counts for invoices made before its end. One for once
// counts for the first invoice that has something to take it from, so a
// trial's invoice over nothing does not use it up; LIMITS.md says that this
// is an assumption.
func (t *tx) useDiscount(inv *object.Invoice, sub *object.Subscription) *billing.Coupon {
	d := sub.Discount
	if d != nil && d.End != 0 && inv.Created >= int64(d.End) {
		sub.Discount = nil
		return nil
	}
	if d == nil || !anythingToDiscount(inv, &d.Coupon) {
		return nil
	}
	inv.Discount = d
	inv.Discounts = object.Array[string]{d.ID}
	if d.Coupon.Duration == "once" {
		sub.Discount = nil
	}
	return couponOf(d)
}

// anythingToDiscount tells whether an invoice has a line over more than
// nothing for a product that the coupon is for.
func anythingToDiscount(inv *object.Invoice, coupon *object.Coupon) bool {
	for _, one := range inv.Lines.Data {
		if one.Discountable && one.Amount > 0 && (coupon.AppliesTo == nil || len(coupon.AppliesTo.Products) == 0 || slices.Contains(coupon.AppliesTo.Products, one.Price.Product)) {
			return true
		}
	}
	return false
}

func couponOf(d *object.Discount) *billing.Coupon {
	c := &billing.Coupon{}
	if d.Coupon.PercentOff != nil {
		c.Percent = int64(*d.Coupon.PercentOff)
	}
	if d.Coupon.AmountOff != nil {
		c.Amount = *d.Coupon.AmountOff
	}
	if d.Coupon.AppliesTo != nil {
		c.Products = d.Coupon.AppliesTo.Products
	}
	return c
}
