package api

import (
	"strings"

	"github.com/subferry/subferry/migrate/sandbox/internal/apierr"
	"github.com/subferry/subferry/migrate/sandbox/internal/engine"
	"github.com/subferry/subferry/migrate/sandbox/internal/form"
	"github.com/subferry/subferry/migrate/sandbox/internal/object"
	"github.com/subferry/subferry/migrate/sandbox/internal/store"
)

// attachable refuses a card that declines being attached.
func attachable(last4 string) error {
	for _, one := range engine.TestCards() {
		if one.Declined != "" && strings.HasSuffix(one.Number, last4) {
			return apierr.Declined(one.Declined, "Your card was declined.")
		}
	}
	return nil
}

var paymentMethodRoutes = map[string]handler{
	"GET /v1/payment_methods":                          listPaymentMethods,
	"POST /v1/payment_methods":                         createPaymentMethod,
	"GET /v1/payment_methods/{payment_method}":         retrievePaymentMethod,
	"POST /v1/payment_methods/{payment_method}/attach": attachPaymentMethod,
	"POST /v1/payment_methods/{payment_method}/detach": detachPaymentMethod,
	"GET /v1/customers/{customer}/payment_methods":     listCustomerPaymentMethods,
}

func (c *call) foundMethod() (*object.PaymentMethod, error) {
	if o := engine.PaymentMethod(c.tx, c.id); o != nil {
		return o, nil
	}
	if card, ok := engine.CardByToken(c.id); ok {
		return card.Method(c.tx.Store.IDs.Next("pm"), c.tx.Now), nil
	}
	return nil, c.noSuch("PaymentMethod", c.id, "payment_method").NotFound()
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
	o := card.Method(c.tx.Store.IDs.Next("pm"), c.tx.Now)
	o.Card.ExpMonth = c.params.Get("card").IntOr("exp_month", o.Card.ExpMonth)
	o.Card.ExpYear = c.params.Get("card").IntOr("exp_year", o.Card.ExpYear)
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
	c.tx.Methods.Put(o)
	return o, nil
}

func cardOf(p *form.Node) (engine.TestCard, error) {
	if p == nil {
		return engine.TestCard{}, apierr.Missing("card")
	}
	card, ok := engine.CardByToken(p.String("token"))
	if !ok {
		card, ok = engine.CardByNumber(p.String("number"))
	}
	if !ok {
		return engine.TestCard{}, apierr.Coded("incorrect_number", "card[number]", "Your card number is incorrect. (The sandbox knows Stripe's common test cards only; migrate/sandbox/LIMITS.md lists them.)")
	}
	return card, nil
}

func attachPaymentMethod(c *call) (any, error) {
	customer, err := lookup(c, &c.tx.Customers, "customer", c.params.String("customer"), "customer")
	if err != nil {
		return nil, err
	}
	return c.attach(c.id, customer, "payment_method")
}

// attach gives a customer a payment method or a test card's token; the token becomes a payment method of its own.
func (c *call) attach(id string, customer *object.Customer, param string) (*object.PaymentMethod, error) {
	o := c.tx.Methods.Edit(id)
	if card, ok := engine.CardByToken(id); ok {
		o = card.Method(c.tx.Store.IDs.Next("pm"), c.tx.Now)
		c.tx.Methods.Put(o)
	}
	switch {
	case o == nil:
		return nil, c.noSuch("PaymentMethod", id, param)
	case o.Customer != "" && o.Customer != object.Text(customer.ID):
		return nil, apierr.Invalid(param, "The payment method you provided has already been attached to a customer.")
	}
	if err := attachable(o.Card.Last4); err != nil {
		return nil, err
	}
	o.Customer = object.Text(customer.ID)
	store.Emit(c.tx, "payment_method.attached", o)
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
	if customer := c.tx.Customers.Edit(string(found.Customer)); customer != nil && customer.InvoiceSettings.DefaultPaymentMethod == object.Text(found.ID) {
		customer.InvoiceSettings.DefaultPaymentMethod = ""
	}
	detached := *found
	detached.Customer = ""
	c.tx.Methods.Put(&detached)
	store.Emit(c.tx, "payment_method.detached", &detached)
	return &detached, nil
}

// ownMethod resolves a payment method that must be the customer's.
func (c *call) ownMethod(id, customer, param string) (object.Text, error) {
	o := engine.PaymentMethod(c.tx, id)
	switch {
	case o == nil:
		return "", c.noSuch("PaymentMethod", id, param)
	case o.Customer != object.Text(customer):
		return "", apierr.Invalid(param, "The customer does not have a payment method with the ID %s. The payment method must be attached to the customer.", id)
	}
	return object.Text(o.ID), nil
}

func listPaymentMethods(c *call) (any, error) {
	if !c.params.Has("customer") {
		return nil, apierr.Invalid("customer", "The sandbox lists payment methods of one customer only; give a customer.")
	}
	if _, err := lookup(c, &c.tx.Customers, "customer", c.params.String("customer"), "customer"); err != nil {
		return nil, err
	}
	return c.methodsOf(c.params.String("customer"))
}

func listCustomerPaymentMethods(c *call) (any, error) {
	if _, err := retrieved(c, &c.tx.Customers, "customer", "customer"); err != nil {
		return nil, err
	}
	return c.methodsOf(c.id)
}

// methodsOf lists a customer's cards.
func (c *call) methodsOf(customer string) (any, error) {
	own := store.NewTable((*object.PaymentMethod).Key, nil)
	if o := engine.PaymentMethod(c.tx, "pm_"+customer); o != nil {
		own.Put(o)
	}
	for _, o := range c.tx.Store.Methods.Of(customer) {
		own.Put(o)
	}
	return page(c, own, "PaymentMethod", "", func(o *object.PaymentMethod) bool { return same(c.params, "type", o.Type) })
}
