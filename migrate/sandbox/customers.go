package sandbox

import (
	"github.com/subferry/subferry/migrate/sandbox/internal/apierr"
	"github.com/subferry/subferry/migrate/sandbox/internal/form"
	"github.com/subferry/subferry/migrate/sandbox/internal/object"
)

func customerHandlers() map[string]handler {
	return map[string]handler{
		"GET /v1/customers":               listCustomers,
		"POST /v1/customers":              createCustomer,
		"GET /v1/customers/{customer}":    retrieveCustomer,
		"POST /v1/customers/{customer}":   updateCustomer,
		"DELETE /v1/customers/{customer}": deleteCustomer,

		"GET /v1/customers/{customer}/discount":    retrieveDiscount,
		"DELETE /v1/customers/{customer}/discount": deleteDiscount,
	}
}

func listCustomers(c *call) (any, error) {
	return page(c, c.tx.state.customers, "customer", "", func(o *object.Customer) bool {
		return same(c.params, "email", string(o.Email)) && within(c.params, "created", o.Created) &&
			c.params.String("test_clock") == string(o.TestClock)
	})
}

func createCustomer(c *call) (any, error) {
	clock, err := c.clockForCustomer()
	if err != nil {
		return nil, err
	}
	o := newCustomer(c.tx.state.ids.short("cus"), c.tx.now)
	o.TestClock = clock
	if err := c.setCustomer(o); err != nil {
		return nil, err
	}
	c.tx.customers.put(o)
	emit(c.tx, "customer.created", o)
	return o, nil
}

// clockForCustomer is the test clock a new customer lives on.
func (c *call) clockForCustomer() (object.Text, error) {
	if !c.params.Has("test_clock") {
		return "", nil
	}
	o, err := lookup(c.tx, &c.tx.clocks, "test clock", c.params.String("test_clock"), "test_clock")
	if err != nil {
		return "", err
	}
	if len(c.tx.state.customers.onClock(o.ID)) >= clockCustomers {
		return "", apierr.Invalid("test_clock", "A test clock can have at most %d customers.", clockCustomers)
	}
	c.tx.enter(object.Text(o.ID))
	return object.Text(o.ID), nil
}

func newCustomer(id string, now int64) *object.Customer {
	return &object.Customer{
		ID:                  id,
		Object:              "customer",
		Created:             now,
		InvoicePrefix:       object.Text(invoicePrefix(id)),
		NextInvoiceSequence: 1,
		TaxExempt:           "none",
	}
}

// invoicePrefix is the part of invoice numbers that is the customer's own.
func invoicePrefix(id string) string {
	sum := fingerprintOf(id)
	digits := []byte("00000000")
	for i := range digits {
		digits[i] = "0123456789ABCDEF"[sum[i]&15]
	}
	return string(digits)
}

// retrieveCustomer finds a deleted customer too, and says of it nothing but
// that.
func retrieveCustomer(c *call) (any, error) {
	if c.tx.deleted.has(c.id) {
		return deletion("customer", c.id), nil
	}
	return retrieved(c, &c.tx.customers, "customer", "id")
}

func updateCustomer(c *call) (any, error) {
	if _, err := retrieved(c, &c.tx.customers, "customer", "id"); err != nil {
		return nil, err
	}
	o := c.tx.customers.edit(c.id)
	if err := c.setCustomer(o); err != nil {
		return nil, err
	}
	emit(c.tx, "customer.updated", o)
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
		if err := c.tx.customerCoupon(o, p); err != nil {
			return err
		}
	}
	if p.Has("address") {
		o.Address = address(p.Get("address"))
	}
	if p.Has("shipping") {
		o.Shipping = shipping(p.Get("shipping"))
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

// setCards attaches payment_method and sets the default. Both may be the same
// test card's token, which then means the card just attached.
func (c *call) setCards(o *object.Customer) error {
	token := c.params.String("payment_method")
	var attached *object.PaymentMethod
	if token != "" {
		var err error
		if attached, err = c.tx.attach(token, o, "payment_method"); err != nil {
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
	if one := c.tx.paymentMethod(wanted); one == nil || one.Customer != object.Text(o.ID) {
		return c.tx.noSuch("PaymentMethod", wanted, settings.PathOf("default_payment_method"))
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

func shipping(p *form.Node) *object.Shipping {
	if len(p.Fields) == 0 {
		return nil
	}
	s := &object.Shipping{Name: text(p, "name"), Phone: text(p, "phone")}
	if a := address(p.Get("address")); a != nil {
		s.Address = *a
	}
	return s
}

func deleteCustomer(c *call) (any, error) {
	o, err := retrieved(c, &c.tx.customers, "customer", "id")
	if err != nil {
		return nil, err
	}
	c.tx.enter(o.TestClock)
	c.tx.removeCustomer(c.id)
	return deletion("customer", c.id), nil
}

// removeCustomer deletes a customer and ends what it had.
func (t *tx) removeCustomer(id string) {
	for _, one := range t.state.schedules.of(id) {
		if open(one) {
			t.endSchedule(t.schedules.edit(one.ID), false, false)
		}
	}
	for _, one := range t.state.subscriptions.of(id) {
		if sub := t.subscriptions.edit(one.ID); !ended(sub) {
			t.endSubscription(sub, "cancellation_requested")
		}
	}
	emit(t, "customer.deleted", t.customers.get(id))
	t.customers.remove(id)
}
