package store

import (
	"github.com/subferry/subferry/migrate/sandbox/internal/object"
	"github.com/subferry/subferry/migrate/sandbox/internal/store/disk"
)

// Identify returns the kind and ID of an object that a create or update answers with; both are empty for anything else.
func Identify(result any) (kind, id string) {
	switch o := result.(type) {
	case *object.Customer:
		return o.Object, o.ID
	case *object.Product:
		return o.Object, o.ID
	case *object.Price:
		return o.Object, o.ID
	case *object.Coupon:
		return o.Object, o.ID
	case *object.TaxRate:
		return o.Object, o.ID
	case *object.Schedule:
		return o.Object, o.ID
	case *object.Subscription:
		return o.Object, o.ID
	case *object.PaymentMethod:
		return o.Object, o.ID
	case *object.Invoice:
		return o.Object, o.ID
	case *object.TestClock:
		return o.Object, o.ID
	case *object.Meter:
		return o.Object, o.ID
	}
	return "", ""
}

// Tx is one transaction: what it changes is seen by itself only until commit.
type Tx struct {
	Store   *Store
	Now     int64
	Request object.EventRequest // what caused it
	Account *accountRecord      // the account under another ID, nil when it keeps it
	events  []*Event

	Live          View[Marked] // IDs that turned out to exist in live mode
	Unprorated    View[Marked]
	Deleted       View[Marked] // customers
	Customers     View[object.Customer]
	Products      View[object.Product]
	Prices        View[object.Price]
	Coupons       View[object.Coupon]
	TaxRates      View[object.TaxRate]
	Methods       View[object.PaymentMethod]
	Schedules     View[object.Schedule]
	Subscriptions View[object.Subscription]
	Invoices      View[object.Invoice]
	Pending       View[object.Pending]
	Clocks        View[object.TestClock]
	Meters        View[object.Meter]
	Usage         View[object.Usage]
}

// Begin begins a transaction at a time.
func (s *Store) Begin(now int64) *Tx {
	t := &Tx{}
	s.BeginIn(t, now)
	return t
}

// BeginIn begins a transaction in place of one that is over, for whoever makes millions.
func (s *Store) BeginIn(t *Tx, now int64) {
	*t = Tx{
		Store:         s,
		Now:           now,
		Live:          View[Marked]{base: s.Live},
		Unprorated:    View[Marked]{base: s.unprorated},
		Deleted:       View[Marked]{base: s.deleted},
		Customers:     View[object.Customer]{base: s.Customers},
		Products:      View[object.Product]{base: s.Products},
		Prices:        View[object.Price]{base: s.Prices},
		Coupons:       View[object.Coupon]{base: s.Coupons},
		TaxRates:      View[object.TaxRate]{base: s.TaxRates},
		Methods:       View[object.PaymentMethod]{base: s.Methods},
		Schedules:     View[object.Schedule]{base: s.Schedules},
		Subscriptions: View[object.Subscription]{base: s.Subscriptions},
		Invoices:      View[object.Invoice]{base: s.Invoices},
		Pending:       View[object.Pending]{base: s.Pending},
		Clocks:        View[object.TestClock]{base: s.Clocks},
		Meters:        View[object.Meter]{base: s.Meters},
		Usage:         View[object.Usage]{base: s.Usage},
	}
}

// part is a view without its type.
type part interface {
	apply(kind string, written *disk.Tx)
	size() int
	wrote(id string) any
}

// kindPart is a part with the kind of its objects.
type kindPart struct {
	kind string
	part
}

// parts are all views.
func (t *Tx) parts() [16]kindPart {
	return [...]kindPart{
		{"live", &t.Live},
		{"unprorated", &t.Unprorated},
		{"deleted", &t.Deleted},
		{"customer", &t.Customers},
		{"product", &t.Products},
		{"price", &t.Prices},
		{"coupon", &t.Coupons},
		{"tax_rate", &t.TaxRates},
		{"payment_method", &t.Methods},
		{"subscription_schedule", &t.Schedules},
		{"subscription", &t.Subscriptions},
		{"invoice", &t.Invoices},
		{"pending", &t.Pending},
		{"test_helpers.test_clock", &t.Clocks},
		{"billing.meter", &t.Meters},
		{"usage", &t.Usage},
	}
}

// apply makes a transaction's changes the state's, and adds them to what is to be written down unless that is nil.
func (t *Tx) apply(written *disk.Tx) {
	if t.Account != nil {
		t.Store.setAccount(*t.Account)
	}
	t.noteDeletedCustomers()
	for _, p := range t.parts() {
		p.apply(p.kind, written)
	}
	for i, e := range t.events {
		n := t.Store.events.add(e)
		if written != nil {
			written.Events = append(written.Events, disk.Event{N: n, Kind: e.head().Kind, Head: e.head(), Object: t.content(i)})
		}
	}
	t.Store.plan(t.Schedules.Changed, t.Subscriptions.Changed, t.Invoices.Changed)
}

// noteDeletedCustomers notes which customers are gone, and which of those gone are back: a deleted customer is still told apart
// from one that never was.
func (t *Tx) noteDeletedCustomers() {
	for _, o := range t.Customers.Changed {
		if t.Deleted.Has(o.ID) {
			t.Deleted.Remove(o.ID)
		}
	}
	for _, id := range t.Customers.Removed {
		t.Deleted.Put(&Marked{ID: id})
	}
}

// changes tells whether a transaction did anything.
func (t *Tx) changes() bool {
	count := len(t.events)
	if t.Account != nil {
		count++
	}
	for _, p := range t.parts() {
		count += p.size()
	}
	return count > 0
}

// Wrote returns the object of that kind and ID that the transaction put, or nil.
func (t *Tx) Wrote(kind, id string) any {
	for _, p := range t.parts() {
		if p.kind == kind {
			return p.wrote(id)
		}
	}
	return nil
}

// content is the i-th event's object, which need not be encoded twice when it is what the transaction put: it is,
// unless a later event shows that the object changed again.
func (t *Tx) content(i int) any {
	kind, id := Identify(t.events[i].Object)
	put := t.Wrote(kind, id)
	if put == nil {
		return t.events[i].Object
	}
	for _, later := range t.events[i+1:] {
		if _, other := Identify(later.Object); other == id {
			return t.events[i].Object
		}
	}
	return put
}

// EnterClock switches to the time of an object's test clock, if it has one.
func (t *Tx) EnterClock(clock object.Text) {
	if one := t.Clocks.Get(string(clock)); one != nil {
		t.Now = one.FrozenTime
	}
}
