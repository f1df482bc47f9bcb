package api

import (
	"slices"

	"github.com/subferry/subferry/migrate/sandbox/internal/apierr"
	"github.com/subferry/subferry/migrate/sandbox/internal/engine"
	"github.com/subferry/subferry/migrate/sandbox/internal/object"
	"github.com/subferry/subferry/migrate/sandbox/internal/store"
)

var invoiceRoutes = map[string]handler{
	"GET /v1/invoices":                     listInvoices,
	"GET /v1/invoices/{invoice}":           retrieveInvoice,
	"GET /v1/invoices/{invoice}/lines":     listInvoiceLines,
	"GET /v1/invoices/upcoming":            upcomingInvoice,
	"POST /v1/invoices/{invoice}/finalize": finalizeInvoice,
	"POST /v1/invoices/{invoice}/pay":      payInvoice,
	"GET /v1/payment_intents/{intent}":     retrievePaymentIntent,
}

func listInvoices(c *call) (any, error) {
	p := c.params
	return page(c, c.tx.Store.Invoices, "invoice", p.String("customer"), func(o *object.Invoice) bool {
		return same(p, "status", o.Status) && same(p, "subscription", string(o.Subscription)) &&
			same(p, "collection_method", o.CollectionMethod) && within(p, "created", o.Created) &&
			within(p, "due_date", int64(o.DueDate)) &&
			(o.TestClock == "" || p.Has("customer") || p.Has("subscription"))
	})
}

func retrievePaymentIntent(c *call) (any, error) {
	if o := engine.PaymentIntent(c.tx, c.id); o != nil {
		return o, nil
	}
	return nil, c.noSuch("payment_intent", c.id, "intent").NotFound()
}

func retrieveInvoice(c *call) (any, error) {
	return retrieved(c, &c.tx.Invoices, "invoice", "invoice")
}

// listInvoiceLines pages through an invoice's lines in the order in which the invoice has them.
func listInvoiceLines(c *call) (any, error) {
	o, err := retrieved(c, &c.tx.Invoices, "invoice", "invoice")
	if err != nil {
		return nil, err
	}
	own := store.NewTable(func(l *object.InvoiceLine) string { return l.ID }, nil)
	for _, one := range slices.Backward(o.Lines.Data) { // a page begins with what was put last
		own.Put(one)
	}
	return page(c, own, "line item", "", func(*object.InvoiceLine) bool { return true })
}

func finalizeInvoice(c *call) (any, error) {
	o, err := retrieved(c, &c.tx.Invoices, "invoice", "invoice")
	if err != nil {
		return nil, err
	}
	if o.Status != object.InvoiceDraft {
		return nil, apierr.Coded("invoice_not_editable", "", "This invoice is already finalized; its status is `%s`.", o.Status)
	}
	c.tx.EnterClock(o.TestClock)
	o = c.tx.Invoices.Edit(c.id)
	engine.Finalize(c.tx, o)
	return o, nil
}

func payInvoice(c *call) (any, error) {
	o, err := retrieved(c, &c.tx.Invoices, "invoice", "invoice")
	if err != nil {
		return nil, err
	}
	if o.Status != object.InvoiceOpen {
		return nil, apierr.Invalid("", "The sandbox pays open invoices only; the status of this one is `%s`.", o.Status)
	}
	c.tx.EnterClock(o.TestClock)
	o = c.tx.Invoices.Edit(c.id)
	customer := c.tx.Customers.Edit(o.Customer)
	if customer == nil {
		return nil, c.noSuch("customer", o.Customer, "customer")
	}
	engine.Collect(c.tx, o, customer)
	if o.Status != object.InvoicePaid {
		return nil, apierr.Declined("generic_decline", "Your card was declined.")
	}
	return o, nil
}

// upcomingInvoice previews the next invoice of a schedule or a subscription: the billing code runs up to it in a
// transaction that is never committed.
func upcomingInvoice(c *call) (any, error) {
	inv, err := c.upcomingOf(c.tx.Store.Begin(c.tx.Now))
	if err != nil {
		return nil, err
	}
	preview := *inv
	preview.ID = ""
	preview.Status, preview.Number, preview.Paid, preview.Attempted = object.InvoiceDraft, "", false, false
	preview.StatusTransitions = object.InvoiceTransitions{}
	preview.EffectiveAt, preview.EndingBalance = 0, nil
	preview.Lines.URL = "/v1/invoices/upcoming/lines"
	return &preview, nil
}

// upcomingOf runs the billing code up to the next invoice of what the parameters name.
func (c *call) upcomingOf(t *store.Tx) (*object.Invoice, error) {
	p := c.params
	switch {
	case p.Has("schedule"):
		o, err := lookup(c, &t.Schedules, "subscription schedule", p.String("schedule"), "schedule")
		if err != nil {
			return nil, err
		}
		if o.Status == object.ScheduleActive {
			return upcomingIn(t, string(o.Subscription), o.Customer)
		}
		if o.Status != object.ScheduleNotStarted {
			return nil, noUpcoming(o.Customer)
		}
		return engine.PreviewSchedule(t, o.ID), nil
	case p.Has("subscription"):
		o, err := lookup(c, &t.Subscriptions, "subscription", p.String("subscription"), "subscription")
		if err != nil {
			return nil, err
		}
		return upcomingIn(t, o.ID, o.Customer)
	case !p.Has("customer"):
		return nil, apierr.Missing("customer")
	}
	id := p.String("customer")
	if _, err := lookup(c, &t.Customers, "customer", id, "customer"); err != nil {
		return nil, err
	}
	var next *object.Subscription
	for _, o := range t.Store.Subscriptions.Of(id) {
		if o.Due() != 0 && (next == nil || o.Due() < next.Due()) {
			next = o
		}
	}
	if next == nil {
		return nil, noUpcoming(id)
	}
	return upcomingIn(t, next.ID, id)
}

func upcomingIn(t *store.Tx, subscription, customer string) (*object.Invoice, error) {
	if inv := engine.PreviewSubscription(t, subscription); inv != nil {
		return inv, nil
	}
	return nil, noUpcoming(customer)
}

func noUpcoming(customer string) error {
	return apierr.Coded("invoice_upcoming_none", "", "No upcoming invoices for customer: %s", customer).NotFound()
}
