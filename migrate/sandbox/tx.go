package sandbox

import (
	"github.com/subferry/subferry/migrate/sandbox/internal/object"
	"github.com/subferry/subferry/migrate/sandbox/internal/store/disk"
)

// tx is one transaction: what it changes is seen by itself only until commit.
type tx struct {
	state   *state
	now     int64
	request object.EventRequest // what caused it
	account *accountRecord      // the account under another ID, nil when it keeps it
	events  []*event

	live          view[marked] // IDs that turned out to exist in live mode
	unprorated    view[marked]
	deleted       view[marked] // customers
	customers     view[object.Customer]
	products      view[object.Product]
	prices        view[object.Price]
	coupons       view[object.Coupon]
	taxRates      view[object.TaxRate]
	methods       view[object.PaymentMethod]
	schedules     view[object.Schedule]
	subscriptions view[object.Subscription]
	invoices      view[object.Invoice]
	pending       view[object.Pending]
	clocks        view[object.TestClock]
}

func (s *state) begin(now int64) *tx {
	return &tx{
		state:         s,
		now:           now,
		live:          view[marked]{base: s.live},
		unprorated:    view[marked]{base: s.unprorated},
		deleted:       view[marked]{base: s.deleted},
		customers:     view[object.Customer]{base: s.customers},
		products:      view[object.Product]{base: s.products},
		prices:        view[object.Price]{base: s.prices},
		coupons:       view[object.Coupon]{base: s.coupons},
		taxRates:      view[object.TaxRate]{base: s.taxRates},
		methods:       view[object.PaymentMethod]{base: s.methods},
		schedules:     view[object.Schedule]{base: s.schedules},
		subscriptions: view[object.Subscription]{base: s.subscriptions},
		invoices:      view[object.Invoice]{base: s.invoices},
		pending:       view[object.Pending]{base: s.pending},
		clocks:        view[object.TestClock]{base: s.clocks},
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
func (t *tx) parts() [14]kindPart {
	return [...]kindPart{
		{"live", &t.live},
		{"unprorated", &t.unprorated},
		{"deleted", &t.deleted},
		{"customer", &t.customers},
		{"product", &t.products},
		{"price", &t.prices},
		{"coupon", &t.coupons},
		{"tax_rate", &t.taxRates},
		{"payment_method", &t.methods},
		{"subscription_schedule", &t.schedules},
		{"subscription", &t.subscriptions},
		{"invoice", &t.invoices},
		{"pending", &t.pending},
		{"test_helpers.test_clock", &t.clocks},
	}
}

// apply makes a transaction's changes the state's, and adds them to what is
// to be written down unless that is nil.
func (t *tx) apply(written *disk.Tx) {
	if t.account != nil {
		t.state.adopt(*t.account)
	}
	t.forgotten()
	for _, p := range t.parts() {
		p.apply(p.kind, written)
	}
	for i, e := range t.events {
		n := t.state.events.add(e)
		if written != nil {
			written.Events = append(written.Events, disk.Event{N: n, Kind: e.head().Kind, Head: e.head(), Object: t.content(i)})
		}
	}
	t.state.plan(t.schedules.changed, t.subscriptions.changed, t.invoices.changed)
}

// forgotten notes which customers are gone, and which of those gone are back:
// a deleted customer is still told apart from one that never was.
func (t *tx) forgotten() {
	for _, o := range t.customers.changed {
		if t.deleted.has(o.ID) {
			t.deleted.remove(o.ID)
		}
	}
	for _, id := range t.customers.removed {
		t.deleted.put(&marked{ID: id})
	}
}

// changes tells whether a transaction did anything.
func (t *tx) changes() bool {
	count := len(t.events)
	if t.account != nil {
		count++
	}
	for _, p := range t.parts() {
		count += p.size()
	}
	return count > 0
}

// wrote returns the object of that kind and ID that the transaction put, or nil.
func (t *tx) wrote(kind, id string) any {
	for _, p := range t.parts() {
		if p.kind == kind {
			return p.wrote(id)
		}
	}
	return nil
}

// content is the i-th event's object, which need not be encoded twice when it
// is what the transaction put: it is, unless a later event shows that the
// object changed again.
func (t *tx) content(i int) any {
	kind, id := identify(t.events[i].Object)
	put := t.wrote(kind, id)
	if put == nil {
		return t.events[i].Object
	}
	for _, later := range t.events[i+1:] {
		if _, other := identify(later.Object); other == id {
			return t.events[i].Object
		}
	}
	return put
}

// enter switches to the time of an object's test clock, if it has one.
func (t *tx) enter(clock object.Text) {
	if one := t.clocks.get(string(clock)); one != nil {
		t.now = one.FrozenTime
	}
}
