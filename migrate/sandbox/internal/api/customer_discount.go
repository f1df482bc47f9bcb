package api

import (
	"github.com/subferry/subferry/migrate/sandbox/internal/apierr"
	"github.com/subferry/subferry/migrate/sandbox/internal/engine"
	"github.com/subferry/subferry/migrate/sandbox/internal/form"
	"github.com/subferry/subferry/migrate/sandbox/internal/object"
	"github.com/subferry/subferry/migrate/sandbox/internal/store"
)

// customerCoupon gives a customer the coupon that was sent.
func (c *call) customerCoupon(o *object.Customer, p *form.Node) error {
	coupon, err := lookup(c, &c.tx.Coupons, "coupon", p.String("coupon"), "coupon")
	if err != nil {
		return err
	}
	if err := redeemable(coupon, c.tx.Now, "coupon"); err != nil {
		return err
	}
	if has := string(o.Currency); has != "" && !engine.DiscountsIn(coupon, has) && (c.otherCurrency(o.ID, string(coupon.Currency), "") != "" || !c.everHad(o.ID, has)) {
		return currencyConflict(has)
	}
	o.Discount = engine.Redeem(c.tx, object.Text(coupon.ID))
	o.Discount.Customer = object.Text(o.ID)
	return nil
}

// discountedCustomer is the customer in the path, which must have a discount.
func (c *call) discountedCustomer() (*object.Customer, error) {
	o, err := retrieved(c, &c.tx.Customers, "customer", "customer")
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
	c.tx.EnterClock(o.TestClock)
	o = c.tx.Customers.Edit(c.id)
	gone := &object.DeletedDiscount{
		ID: o.Discount.ID, Object: "discount", Coupon: o.Discount.Coupon, Customer: o.Discount.Customer, Deleted: true, Start: o.Discount.Start,
	}
	o.Discount = nil
	store.Emit(c.tx, "customer.updated", o)
	return gone, nil
}
