package sandbox

import (
	"strings"

	"github.com/subferry/subferry/migrate/sandbox/internal/apierr"
	"github.com/subferry/subferry/migrate/sandbox/internal/form"
	"github.com/subferry/subferry/migrate/sandbox/internal/object"
)

func paymentMethodHandlers() map[string]handler {
	return map[string]handler{
		"GET /v1/payment_methods":                          listPaymentMethods,
		"POST /v1/payment_methods":                         createPaymentMethod,
		"GET /v1/payment_methods/{payment_method}":         retrievePaymentMethod,
		"POST /v1/payment_methods/{payment_method}/attach": attachPaymentMethod,
		"POST /v1/payment_methods/{payment_method}/detach": detachPaymentMethod,
		"GET /v1/customers/{customer}/payment_methods":     listCustomerPaymentMethods,
	}
}

// paymentMethod finds a payment method. A provisioned customer's card exists
// without being stored: it would double the size of a large account.
func (t *tx) paymentMethod(id string) *object.PaymentMethod {
	if o := t.methods.get(id); o != nil {
		return o
	}
	owner, ok := strings.CutPrefix(id, "pm_")
	if !ok {
		return nil
	}
	customer := t.customers.get(owner)
	if customer == nil || string(customer.InvoiceSettings.DefaultPaymentMethod) != id {
		return nil
	}
	o := testCards()[0].method(id, customer.Created)
	o.Customer = object.Text(customer.ID)
	return o
}

// attached is a payment method that the customer has; nil when it has been
// detached since it was chosen.
func (t *tx) attached(id object.Text, customer *object.Customer) *object.PaymentMethod {
	if o := t.paymentMethod(string(id)); o != nil && o.Customer == object.Text(customer.ID) {
		return o
	}
	return nil
}

func (c *call) foundMethod() (*object.PaymentMethod, error) {
	if o := c.tx.paymentMethod(c.id); o != nil {
		return o, nil
	}
	if card, ok := cardByToken(c.id); ok {
		return card.method(c.tx.state.ids.next("pm"), c.tx.now), nil
	}
	return nil, c.tx.noSuch("PaymentMethod", c.id, "payment_method").NotFound()
}

func retrievePaymentMethod(c *call) (any, error) { return c.foundMethod() }

func createPaymentMethod(c *call) (any, error) {
	if kind := c.params.String("type"); kind != "card" {
		return nil, apierr.Invalid("type", "The sandbox does not imitate payment methods of type %q; use card.", kind)
	}
	card, err := cardOf(c.params.Get("card"))
	if err != nil {
		return nil, err
	}
	o := card.method(c.tx.state.ids.next("pm"), c.tx.now)
	if details := c.params.Get("billing_details"); details != nil {
		o.BillingDetails = object.BillingDetails{Email: text(details, "email"), Name: text(details, "name"), Phone: text(details, "phone")}
		if a := details.Get("address"); a != nil {
			if sent := address(a); sent != nil {
				o.BillingDetails.Address = *sent
			}
		}
	}
	if o.Metadata, err = metadata(nil, c.params, "metadata"); err != nil {
		return nil, err
	}
	c.tx.methods.put(o)
	return o, nil
}

func cardOf(p *form.Node) (testCard, error) {
	if p == nil {
		return testCard{}, apierr.Missing("card")
	}
	card, ok := cardByToken(p.String("token"))
	if !ok {
		card, ok = cardByNumber(p.String("number"))
	}
	if !ok {
		return testCard{}, apierr.Coded("incorrect_number", "card[number]", "Your card number is incorrect. (The sandbox knows Stripe's common test cards only; migrate/sandbox/LIMITS.md lists them.)")
	}
	return card, nil
}

func attachPaymentMethod(c *call) (any, error) {
	customer, err := lookup(c.tx, &c.tx.customers, "customer", c.params.String("customer"), "customer")
	if err != nil {
		return nil, err
	}
	return c.tx.attach(c.id, customer, "payment_method")
}

// attach gives a customer a payment method or a test card's token; the token
// becomes a payment method of its own.
func (t *tx) attach(id string, customer *object.Customer, param string) (*object.PaymentMethod, error) {
	o := t.methods.edit(id)
	if card, ok := cardByToken(id); ok {
		o = card.method(t.state.ids.next("pm"), t.now)
		t.methods.put(o)
	}
	switch {
	case o == nil:
		return nil, t.noSuch("PaymentMethod", id, param)
	case o.Customer != "" && o.Customer != object.Text(customer.ID):
		return nil, apierr.Invalid(param, "The payment method you provided has already been attached to a customer.")
	}
	if err := attachable(o.Card.Last4); err != nil {
		return nil, err
	}
	o.Customer = object.Text(customer.ID)
	emit(t, "payment_method.attached", o)
	return o, nil
}

func detachPaymentMethod(c *call) (any, error) {
	found, err := c.foundMethod()
	if err != nil {
		return nil, err
	}
	if found.Customer == "" {
		return nil, apierr.Invalid("", "The payment method you provided is not attached to a customer so detachment is impossible.")
	}
	if customer := c.tx.customers.edit(string(found.Customer)); customer != nil && customer.InvoiceSettings.DefaultPaymentMethod == object.Text(found.ID) {
		customer.InvoiceSettings.DefaultPaymentMethod = ""
	}
	detached := *found
	detached.Customer = ""
	c.tx.methods.put(&detached)
	emit(c.tx, "payment_method.detached", &detached)
	return &detached, nil
}

// ownMethod resolves a payment method that must be the customer's.
func (t *tx) ownMethod(id, customer, param string) (object.Text, error) {
	o := t.paymentMethod(id)
	switch {
	case o == nil:
		return "", t.noSuch("PaymentMethod", id, param)
	case o.Customer != object.Text(customer):
		return "", apierr.Invalid(param, "The customer does not have a payment method with the ID %s. The payment method must be attached to the customer.", id)
	}
	return object.Text(o.ID), nil
}

func listPaymentMethods(c *call) (any, error) {
	if !c.params.Has("customer") {
		return nil, apierr.Invalid("customer", "The sandbox lists payment methods of one customer only; give a customer.")
	}
	if _, err := lookup(c.tx, &c.tx.customers, "customer", c.params.String("customer"), "customer"); err != nil {
		return nil, err
	}
	return c.methodsOf(c.params.String("customer"))
}

func listCustomerPaymentMethods(c *call) (any, error) {
	if _, err := retrieved(c, &c.tx.customers, "customer", "customer"); err != nil {
		return nil, err
	}
	return c.methodsOf(c.id)
}

// methodsOf lists a customer's cards.
func (c *call) methodsOf(customer string) (any, error) {
	own := newTable((*object.PaymentMethod).Key, nil)
	if o := c.tx.paymentMethod("pm_" + customer); o != nil {
		own.put(o)
	}
	for _, o := range c.tx.state.methods.of(customer) {
		own.put(o)
	}
	return page(c, own, "PaymentMethod", "", func(o *object.PaymentMethod) bool { return same(c.params, "type", o.Type) })
}
