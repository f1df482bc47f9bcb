package sandbox

import (
	"slices"

	"github.com/subferry/subferry/migrate/sandbox/internal/apierr"
	"github.com/subferry/subferry/migrate/sandbox/internal/object"
)

func invoiceHandlers() map[string]handler {
	return map[string]handler{
		"GET /v1/invoices":                     listInvoices,
		"GET /v1/invoices/{invoice}":           retrieveInvoice,
		"GET /v1/invoices/{invoice}/lines":     listInvoiceLines,
		"GET /v1/invoices/upcoming":            upcomingInvoice,
		"POST /v1/invoices/{invoice}/finalize": finalizeInvoice,
		"POST /v1/invoices/{invoice}/pay":      payInvoice,
	}
}

func listInvoices(c *call) (any, error) {
	p := c.params
	return page(c, c.tx.state.invoices, "invoice", p.String("customer"), func(o *object.Invoice) bool {
		return same(p, "status", o.Status) && same(p, "subscription", string(o.Subscription)) &&
			same(p, "collection_method", o.CollectionMethod) && within(p, "created", o.Created) &&
			within(p, "due_date", int64(o.DueDate)) &&
			(o.TestClock == "" || p.Has("customer") || p.Has("subscription"))
	})
}

func retrieveInvoice(c *call) (any, error) {
	return retrieved(c, &c.tx.invoices, "invoice", "invoice")
}

// listInvoiceLines pages through an invoice's lines in the order in which the
// invoice has them.
func listInvoiceLines(c *call) (any, error) {
	o, err := retrieved(c, &c.tx.invoices, "invoice", "invoice")
	if err != nil {
		return nil, err
	}
	own := newTable(func(l *object.InvoiceLine) string { return l.ID }, nil)
	for _, one := range slices.Backward(o.Lines.Data) { // a page begins with what was put last
		own.put(one)
	}
	return page(c, own, "line item", "", func(*object.InvoiceLine) bool { return true })
}

func finalizeInvoice(c *call) (any, error) {
	o, err := retrieved(c, &c.tx.invoices, "invoice", "invoice")
	if err != nil {
		return nil, err
	}
	if o.Status != object.InvoiceDraft {
		return nil, apierr.Coded("invoice_not_editable", "", "This invoice is already finalized; its status is `%s`.", o.Status)
	}
	c.tx.enter(o.TestClock)
	o = c.tx.invoices.edit(c.id)
	c.tx.finalize(o)
	return o, nil
}

func payInvoice(c *call) (any, error) {
	o, err := retrieved(c, &c.tx.invoices, "invoice", "invoice")
	if err != nil {
		return nil, err
	}
	if o.Status != object.InvoiceOpen {
		return nil, apierr.Invalid("", "The sandbox pays open invoices only; the status of this one is `%s`.", o.Status)
	}
	c.tx.enter(o.TestClock)
	o = c.tx.invoices.edit(c.id)
	customer := c.tx.customers.edit(o.Customer)
	if customer == nil {
		return nil, c.tx.noSuch("customer", o.Customer, "customer")
	}
	c.tx.collect(o, customer)
	if o.Status != object.InvoicePaid {
		return nil, apierr.Declined("generic_decline", "Your card was declined.")
	}
	return o, nil
}

// upcomingInvoice previews the next invoice of a schedule or a subscription:
// the billing code runs up to it in a transaction that is never committed.
func upcomingInvoice(c *call) (any, error) {
	p := c.params
	t := c.tx.state.begin(c.tx.now)
	var inv *object.Invoice
	var err error
	switch {
	case p.Has("schedule"):
		inv, err = t.previewSchedule(p.String("schedule"))
	case p.Has("subscription"):
		inv, err = t.previewSubscription(p.String("subscription"))
	case p.Has("customer"):
		inv, err = t.previewCustomer(p.String("customer"))
	default:
		err = apierr.Missing("customer")
	}
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

func (t *tx) previewSchedule(id string) (*object.Invoice, error) {
	o, err := lookup(t, &t.schedules, "subscription schedule", id, "schedule")
	if err != nil {
		return nil, err
	}
	if o.Status == object.ScheduleActive {
		return t.previewSubscription(string(o.Subscription))
	}
	if o.Status != object.ScheduleNotStarted {
		return nil, noUpcoming(o.Customer)
	}
	t.now = scheduleDue(o)
	t.startSchedule(t.schedules.edit(id))
	return t.invoices.changed[0], nil
}

// previewSubscription runs what is due for a subscription until an invoice
// comes of it; its schedule goes first where both are due.
func (t *tx) previewSubscription(id string) (*object.Invoice, error) {
	o, err := lookup(t, &t.subscriptions, "subscription", id, "subscription")
	if err != nil {
		return nil, err
	}
	for len(t.invoices.changed) == 0 {
		schedule := t.schedules.get(string(o.Schedule))
		switch at, other := subscriptionDue(o), scheduleDue(schedule); {
		case at == 0 || o.Status == object.SubscriptionIncomplete:
			return nil, noUpcoming(o.Customer)
		case other != 0 && other <= at:
			t.now = other
			t.stepSchedule(t.schedules.edit(schedule.ID))
		default:
			t.now = at
			t.stepSubscription(t.subscriptions.edit(id))
		}
		o = t.subscriptions.get(id)
	}
	return t.invoices.changed[0], nil
}

func (t *tx) previewCustomer(id string) (*object.Invoice, error) {
	if _, err := lookup(t, &t.customers, "customer", id, "customer"); err != nil {
		return nil, err
	}
	var next *object.Subscription
	for _, o := range t.state.subscriptions.of(id) {
		if subscriptionDue(o) != 0 && (next == nil || subscriptionDue(o) < subscriptionDue(next)) {
			next = o
		}
	}
	if next == nil {
		return nil, noUpcoming(id)
	}
	return t.previewSubscription(next.ID)
}

func noUpcoming(customer string) error {
	return apierr.Coded("invoice_upcoming_none", "", "No upcoming invoices for customer: %s", customer).NotFound()
}
