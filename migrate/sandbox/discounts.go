package sandbox

import (
	"slices"

	"github.com/subferry/subferry/migrate/sandbox/internal/billing"
	"github.com/subferry/subferry/migrate/sandbox/internal/object"
)

// discount gives a coupon to a subscription, or takes away what it had when
// the coupon is empty. A deleted coupon gives nothing.
func (t *tx) discount(sub *object.Subscription, coupon object.Text) {
	sub.Discount = t.redeem(coupon)
	if sub.Discount != nil {
		sub.Discount.Customer, sub.Discount.Subscription = object.Text(sub.Customer), object.Text(sub.ID)
	}
}

// redeem counts one more use of a coupon and returns the discount that comes
// of it; nil for none and for a deleted one.
func (t *tx) redeem(coupon object.Text) *object.Discount {
	if coupon == "" {
		return nil
	}
	o := t.coupons.edit(string(coupon))
	if o == nil {
		return nil
	}
	o.TimesRedeemed++
	o.Valid = redeemable(o, t.now, "") == nil
	d := &object.Discount{ID: t.state.ids.next("di"), Object: "discount", Coupon: *o, Start: t.now}
	d.End = discountEnd(o, t.now)
	return d
}

// discountEnd is when a discount that begins at a time ends; 0 is never.
func discountEnd(o *object.Coupon, start int64) object.Stamp {
	if o.DurationInMonths == nil {
		return 0
	}
	months := billing.Interval{Unit: "month", Count: *o.DurationInMonths}
	return object.Stamp(months.Add(start, 1))
}

// discountOf is the discount in force for a subscription at a time: its own,
// or else its customer's; nil when there is none. A repeating discount counts
// for what is made before its end.
func (t *tx) discountOf(sub *object.Subscription, at int64) *object.Discount {
	if inForce(sub.Discount, at) {
		return sub.Discount
	}
	if customer := t.customers.get(sub.Customer); customer != nil && inForce(customer.Discount, at) {
		return customer.Discount
	}
	return nil
}

func inForce(d *object.Discount, at int64) bool { return d != nil && (d.End == 0 || at < int64(d.End)) }

// useDiscount returns the coupon that counts for an invoice and notes its use.
// A discount for once counts for the first invoice that has something to take
// it from, so a trial's invoice over nothing does not use it up; LIMITS.md
// says that this is an assumption. A customer's one is used by whichever of
// the customer's subscriptions has such an invoice first.
func (t *tx) useDiscount(inv *object.Invoice, sub *object.Subscription) *billing.Coupon {
	if sub.Discount != nil && !inForce(sub.Discount, inv.Created) {
		sub.Discount = nil
	}
	d := t.discountOf(sub, inv.Created)
	if d == nil || !anythingToDiscount(inv, &d.Coupon) || !discountsIn(&d.Coupon, inv.Currency) {
		return nil
	}
	inv.Discount = d
	inv.Discounts = object.Array[string]{d.ID}
	switch {
	case d.Coupon.Duration != "once":
	case d == sub.Discount:
		sub.Discount = nil
	default:
		t.customers.edit(sub.Customer).Discount = nil
	}
	return couponOf(d, inv.Currency)
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

// discountsIn tells whether a coupon takes something off in a currency: a
// percentage does in each, an amount in those it is stated for.
func discountsIn(o *object.Coupon, code string) bool {
	return o.AmountOff == nil || amountOffIn(o, code) > 0
}

// amountOffIn is what a coupon takes off in a currency, 0 when it states no
// amount for it.
func amountOffIn(o *object.Coupon, code string) int64 {
	switch {
	case o.AmountOff == nil:
		return 0
	case string(o.Currency) == code:
		return *o.AmountOff
	}
	return o.CurrencyOptions[code].AmountOff
}

// couponOf is a discount as the billing code takes it.
func couponOf(d *object.Discount, code string) *billing.Coupon {
	c := &billing.Coupon{Amount: amountOffIn(&d.Coupon, code)}
	if d.Coupon.PercentOff != nil {
		c.Percent = int64(*d.Coupon.PercentOff)
	}
	if d.Coupon.AppliesTo != nil {
		c.Products = d.Coupon.AppliesTo.Products
	}
	return c
}
