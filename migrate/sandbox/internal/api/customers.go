package api

import (
	"github.com/subferry/subferry/migrate/sandbox/internal/apierr"
	"github.com/subferry/subferry/migrate/sandbox/internal/engine"
	"github.com/subferry/subferry/migrate/sandbox/internal/form"
	"github.com/subferry/subferry/migrate/sandbox/internal/object"
	"github.com/subferry/subferry/migrate/sandbox/internal/store"
)

var customerRoutes = map[string]handler{
	"GET /v1/customers":               listCustomers,
	"POST /v1/customers":              createCustomer,
	"GET /v1/customers/{customer}":    retrieveCustomer,
	"POST /v1/customers/{customer}":   updateCustomer,
	"DELETE /v1/customers/{customer}": deleteCustomer,

	"GET /v1/customers/{customer}/discount":    retrieveDiscount,
	"DELETE /v1/customers/{customer}/discount": deleteDiscount,
}

func listCustomers(c *call) (any, error) {
	return page(c, c.tx.Store.Customers, "customer", "", func(o *object.Customer) bool {
		return same(c.params, "email", string(o.Email)) && within(c.params, "created", o.Created) &&
			c.params.String("test_clock") == string(o.TestClock)
	})
}

func createCustomer(c *call) (any, error) {
	clock, err := c.clockForCustomer()
	if err != nil {
		return nil, err
	}
	o := object.NewCustomer(c.tx.Store.IDs.Short("cus"), c.tx.Now)
	o.TestClock = clock
	if err := c.setCustomer(o); err != nil {
		return nil, err
	}
	c.tx.Customers.Put(o)
	store.Emit(c.tx, "customer.created", o)
	return o, nil
}

// clockForCustomer is the test clock a new customer lives on.
func (c *call) clockForCustomer() (object.Text, error) {
	if !c.params.Has("test_clock") {
		return "", nil
	}
	o, err := lookup(c, &c.tx.Clocks, "test clock", c.params.String("test_clock"), "test_clock")
	if err != nil {
		return "", err
	}
	if len(c.tx.Store.Customers.OnClock(o.ID)) >= clockCustomers {
		return "", apierr.Invalid("test_clock", "A test clock can have at most %d customers.", clockCustomers)
	}
	c.tx.EnterClock(object.Text(o.ID))
	return object.Text(o.ID), nil
}

// retrieveCustomer finds a deleted customer too, and says of it nothing but that.
func retrieveCustomer(c *call) (any, error) {
	if c.tx.Deleted.Has(c.id) {
		return deletion("customer", c.id), nil
	}
	return retrieved(c, &c.tx.Customers, "customer", "id")
}

func updateCustomer(c *call) (any, error) {
	if _, err := retrieved(c, &c.tx.Customers, "customer", "id"); err != nil {
		return nil, err
	}
	o := c.tx.Customers.Edit(c.id)
	if err := c.setCustomer(o); err != nil {
		return nil, err
	}
	store.Emit(c.tx, "customer.updated", o)
	return o, nil
}

// setCustomer applies the parameters that create and update share.
func (c *call) setCustomer(o *object.Customer) error {
	p := c.params
	setText(&o.Name, p, "name")
	setText(&o.Email, p, "email")
	setText(&o.Phone, p, "phone")
	setText(&o.Description, p, "description")
	setText(&o.InvoiceSettings.Footer, p.Get("invoice_settings"), "footer")
	if exempt := p.Get("tax_exempt"); exempt != nil {
		o.TaxExempt = exempt.Text
		if o.TaxExempt == "" {
			o.TaxExempt = "none"
		}
	}
	if p.Has("balance") {
		o.Balance = p.IntOr("balance", 0)
		if err := amountLimit(o.Balance, "balance"); err != nil {
			return err
		}
	}
	if p.Has("coupon") {
		if err := c.customerCoupon(o, p); err != nil {
			return err
		}
	}
	if p.Has("address") {
		o.Address = address(p.Get("address"))
	}
	if p.Has("shipping") {
		o.Shipping = nil
		if sent := p.Get("shipping"); len(sent.Fields) > 0 {
			o.Shipping = &object.Shipping{Name: text(sent, "name"), Phone: text(sent, "phone")}
			if a := address(sent.Get("address")); a != nil {
				o.Shipping.Address = *a
			}
		}
	}
	if p.Has("preferred_locales") {
		o.PreferredLocales = texts(p, "preferred_locales")
	}
	var err error
	if o.Metadata, err = metadata(o.Metadata, p, "metadata"); err != nil {
		return err
	}
	return c.setCards(o)
}

// setCards attaches payment_method and sets the default. Both may be the same test card's token, which then means the
// card just attached.
func (c *call) setCards(o *object.Customer) error {
	token := c.params.String("payment_method")
	var attached *object.PaymentMethod
	if token != "" {
		var err error
		if attached, err = c.attach(token, o, "payment_method"); err != nil {
			return err
		}
	}
	settings := c.params.Get("invoice_settings")
	if !settings.Has("default_payment_method") {
		return nil
	}
	wanted := settings.String("default_payment_method")
	switch {
	case wanted == "":
		o.InvoiceSettings.DefaultPaymentMethod = ""
		return nil
	case attached != nil && wanted == token:
		wanted = attached.ID
	}
	if one := engine.PaymentMethod(c.tx, wanted); one == nil || one.Customer != object.Text(o.ID) {
		return c.noSuch("PaymentMethod", wanted, settings.PathOf("default_payment_method"))
	}
	o.InvoiceSettings.DefaultPaymentMethod = object.Text(wanted)
	return nil
}

func address(p *form.Node) *object.Address {
	if len(p.Fields) == 0 {
		return nil
	}
	return &object.Address{
		City:       text(p, "city"),
		Country:    text(p, "country"),
		Line1:      text(p, "line1"),
		Line2:      text(p, "line2"),
		PostalCode: text(p, "postal_code"),
		State:      text(p, "state"),
	}
}

func deleteCustomer(c *call) (any, error) {
	o, err := retrieved(c, &c.tx.Customers, "customer", "id")
	if err != nil {
		return nil, err
	}
	c.tx.EnterClock(o.TestClock)
	engine.RemoveCustomer(c.tx, c.id)
	return deletion("customer", c.id), nil
}
