package sandbox

import "github.com/subferry/subferry/migrate/sandbox/object"

// tx is one transaction: what it changes is seen by itself only until commit.
type tx struct {
	state   *state
	now     int64
	request object.EventRequest // what caused it
	live    []string            // IDs that turned out to exist in live mode
	account *accountRecord      // the account under another ID, nil when it keeps it
	free    []string            // subscriptions that become unprorated
	events  []*event

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
	apply()
	size() int
	wrote(id string) bool
}

// kindPart is a part with the kind of its objects.
type kindPart struct {
	kind string
	part
}

// parts are all views.
func (t *tx) parts() [11]kindPart {
	return [...]kindPart{
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

// apply makes a transaction's changes the state's.
func (t *tx) apply() {
	for _, id := range t.live {
		t.state.live[id] = struct{}{}
	}
	if t.account != nil {
		t.state.adopt(*t.account)
	}
	for _, id := range t.free {
		t.state.unprorated[id] = true
	}
	for _, p := range t.parts() {
		p.apply()
	}
	t.state.forgotten(t.customers.changed, t.customers.removed)
	for _, e := range t.events {
		t.state.events.add(e)
	}
	t.state.plan(t.schedules.changed, t.subscriptions.changed, t.invoices.changed)
}

// changes tells whether a transaction did anything.
func (t *tx) changes() bool {
	count := len(t.live) + len(t.events)
	if t.account != nil {
		count++
	}
	for _, p := range t.parts() {
		count += p.size()
	}
	return count > 0
}

// wrote tells whether the transaction put an object of that kind and ID.
func (t *tx) wrote(kind, id string) bool {
	for _, p := range t.parts() {
		if p.kind == kind {
			return p.wrote(id)
		}
	}
	return false
}

// enter switches to the time of an object's test clock, if it has one.
func (t *tx) enter(clock object.Text) {
	if one := t.clocks.get(string(clock)); one != nil {
		t.now = one.FrozenTime
	}
}
