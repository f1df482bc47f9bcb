package sandbox

import (
	"fmt"

	"github.com/subferry/subferry/migrate/sandbox/internal/apierr"
	"github.com/subferry/subferry/migrate/sandbox/internal/form"
	"github.com/subferry/subferry/migrate/sandbox/internal/object"
)

// customerCoupon gives a customer the coupon that was sent.
func (t *tx) customerCoupon(o *object.Customer, p *form.Node) error {
	coupon, err := lookup(t, &t.coupons, "coupon", p.String("coupon"), "coupon")
	if err != nil {
		return err
	}
	if err := redeemable(coupon, t.now, "coupon"); err != nil {
		return err
	}
	if has := string(o.Currency); has != "" && !discountsIn(coupon, has) && (t.otherCurrency(o.ID, string(coupon.Currency), "") != "" || !t.everHad(o.ID, has)) {
		return combined(has)
	}
	o.Discount = t.redeem(object.Text(coupon.ID))
	o.Discount.Customer = object.Text(o.ID)
	return nil
}

// discountedCustomer is the customer in the path, which must have a discount.
func (c *call) discountedCustomer() (*object.Customer, error) {
	o, err := retrieved(c, &c.tx.customers, "customer", "customer")
	if err != nil {
		return nil, err
	}
	if o.Discount == nil {
		return nil, apierr.Coded("resource_missing", "", "No active discount for customer: %s", o.ID).NotFound()
	}
	return o, nil
}

func retrieveDiscount(c *call) (any, error) {
	o, err := c.discountedCustomer()
	if err != nil {
		return nil, err
	}
	return o.Discount, nil
}

func deleteDiscount(c *call) (any, error) {
	o, err := c.discountedCustomer()
	if err != nil {
		return nil, err
	}
	c.tx.enter(o.TestClock)
	o = c.tx.customers.edit(c.id)
	gone := &object.DeletedDiscount{
		ID: o.Discount.ID, Object: "discount", Coupon: o.Discount.Coupon, Customer: o.Discount.Customer, Deleted: true, Start: o.Discount.Start,
	}
	o.Discount = nil
	emit(c.tx, "customer.updated", o)
	return gone, nil
}

// loadedDiscount completes a customer's discount of an account file. Its
// coupon may be given by its ID alone; it is one of the file's coupons, or of
// those that are there already.
func (t *tx) loadedDiscount(o *object.Customer) error {
	d := o.Discount
	if d == nil {
		return nil
	}
	coupon := t.coupons.get(d.Coupon.ID)
	if coupon == nil {
		coupon = &d.Coupon
		if coupon.PercentOff == nil && coupon.AmountOff == nil {
			return fmt.Errorf("discount.coupon: found %q; expected a whole coupon or the ID of one in coupons", coupon.ID)
		}
		if err := checkCoupon(coupon); err != nil {
			return fmt.Errorf("discount.coupon: %w", err)
		}
	}
	coupon.Object = "coupon"
	d.Coupon, d.Object, d.Customer = *coupon, "discount", object.Text(o.ID)
	if d.ID == "" {
		d.ID = t.state.ids.next("di")
	}
	if d.Start == 0 {
		d.Start = t.now
	}
	if d.End == 0 {
		d.End = discountEnd(coupon, d.Start)
	}
	switch {
	case d.Subscription != "":
		return fmt.Errorf("discount.subscription: found %s; expected null, because a customer's own discount belongs to no subscription", d.Subscription)
	case o.Currency != "" && !discountsIn(coupon, string(o.Currency)):
		return fmt.Errorf("discount.coupon: found an amount in %s; expected one in the customer's currency, %s", listedCurrencies(coupon), o.Currency)
	}
	return nil
}
