package engine

import (
	"fmt"
	"slices"

	"github.com/subferry/subferry/migrate/sandbox/internal/billing"
	"github.com/subferry/subferry/migrate/sandbox/internal/object"
	"github.com/subferry/subferry/migrate/sandbox/internal/store"
)

// GiveDiscount gives a coupon to a subscription, or takes away what it had when the coupon is empty. A deleted coupon
// gives nothing.
func GiveDiscount(t *store.Tx, sub *object.Subscription, coupon object.Text) {
	sub.Discount = Redeem(t, coupon)
	if sub.Discount != nil {
		sub.Discount.Customer, sub.Discount.Subscription = object.Text(sub.Customer), object.Text(sub.ID)
	}
}

// Redeem counts one more use of a coupon and returns the discount that comes of it; nil for none and for a deleted one.
func Redeem(t *store.Tx, coupon object.Text) *object.Discount {
	if coupon == "" {
		return nil
	}
	o := t.Coupons.Edit(string(coupon))
	if o == nil {
		return nil
	}
	o.TimesRedeemed++
	o.Valid = WhyUsedUp(o, t.Now) == ""
	d := &object.Discount{ID: t.Store.IDs.Next("di"), Object: "discount", Coupon: *o, Start: t.Now}
	d.End = DiscountEnd(o, t.Now)
	return d
}

// WhyUsedUp says why a coupon cannot be given at a time, "" when it can.
func WhyUsedUp(o *object.Coupon, at int64) string {
	switch {
	case !o.Valid:
		return fmt.Sprintf("Coupon %s is used up or expired and cannot be applied.", o.ID)
	case o.RedeemBy != 0 && at > int64(o.RedeemBy):
		return "Coupon expired: " + o.ID
	case o.MaxRedemptions != nil && o.TimesRedeemed >= *o.MaxRedemptions:
		return fmt.Sprintf("Coupon %s is used up and cannot be applied.", o.ID)
	}
	return ""
}

// DiscountEnd is when a discount that begins at a time ends; 0 is never.
func DiscountEnd(o *object.Coupon, start int64) object.Stamp {
	if o.DurationInMonths == nil {
		return 0
	}
	months := billing.Interval{Unit: "month", Count: *o.DurationInMonths}
	return object.Stamp(months.Add(start, 1))
}

// DiscountOf is the discount in force for a subscription at a time: its own, or else its customer's; nil when there is
// none. A repeating discount counts for what is made before its end.
func DiscountOf(t *store.Tx, sub *object.Subscription, at int64) *object.Discount {
	if InForce(sub.Discount, at) {
		return sub.Discount
	}
	if customer := t.Customers.Get(sub.Customer); customer != nil && InForce(customer.Discount, at) {
		return customer.Discount
	}
	return nil
}

// InForce tells whether a discount, which may be nil, counts at a time.
func InForce(d *object.Discount, at int64) bool { return d != nil && (d.End == 0 || at < int64(d.End)) }

// useDiscount returns the coupon that counts for an invoice and notes its use. A discount for once counts for the first
// invoice that has something to take it from, so a trial's invoice over nothing does not use it up; LIMITS.md says that
// this is an assumption. A customer's one is used by whichever of the customer's subscriptions has such an invoice
// first.
func useDiscount(t *store.Tx, inv *object.Invoice, sub *object.Subscription) *billing.Coupon {
	if sub.Discount != nil && !InForce(sub.Discount, inv.Created) {
		sub.Discount = nil
	}
	d := DiscountOf(t, sub, inv.Created)
	if d == nil || !anythingToDiscount(inv, &d.Coupon) || !DiscountsIn(&d.Coupon, inv.Currency) {
		return nil
	}
	inv.Discount = d
	inv.Discounts = object.Array[string]{d.ID}
	switch {
	case d.Coupon.Duration != "once":
	case d == sub.Discount:
		sub.Discount = nil
	default:
		t.Customers.Edit(sub.Customer).Discount = nil
	}
	return couponOf(d, inv.Currency)
}

// anythingToDiscount tells whether an invoice has a line over more than nothing for a product that the coupon is for.
func anythingToDiscount(inv *object.Invoice, coupon *object.Coupon) bool {
	for _, one := range inv.Lines.Data {
		if one.Discountable && one.Amount > 0 && (coupon.AppliesTo == nil || len(coupon.AppliesTo.Products) == 0 || slices.Contains(coupon.AppliesTo.Products, one.Price.Product)) {
			return true
		}
	}
	return false
}

// DiscountsIn tells whether a coupon takes something off in a currency: a percentage does in each, an amount in those
// it is stated for.
func DiscountsIn(o *object.Coupon, code string) bool {
	return o.AmountOff == nil || amountOffIn(o, code) > 0
}

// amountOffIn is what a coupon takes off in a currency, 0 when it states no amount for it.
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
