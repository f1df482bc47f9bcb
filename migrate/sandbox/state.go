package sandbox

import "github.com/subferry/subferry/migrate/sandbox/object"

// state is everything the sandbox remembers, except idempotent answers.
type state struct {
	account object.Account
	founded accountRecord
	ids     idSource
	offset  int64 // seconds the sandbox's clock is ahead of the handed-in one
	live    map[string]struct{}
	due     dueQueue

	customers     *table[object.Customer]
	products      *table[object.Product]
	prices        *table[object.Price]
	coupons       *table[object.Coupon]
	taxRates      *table[object.TaxRate]
	schedules     *table[object.Schedule]
	subscriptions *table[object.Subscription]
}

func newState() *state {
	return &state{
		live:          map[string]struct{}{},
		customers:     newTable((*object.Customer).Key, nil),
		products:      newTable((*object.Product).Key, nil),
		prices:        newTable((*object.Price).Key, nil),
		coupons:       newTable((*object.Coupon).Key, nil),
		taxRates:      newTable((*object.TaxRate).Key, nil),
		schedules:     newTable((*object.Schedule).Key, func(s *object.Schedule) string { return s.Customer }),
		subscriptions: newTable((*object.Subscription).Key, func(s *object.Subscription) string { return s.Customer }),
	}
}

// tx is one transaction: what it changes is seen by itself only until commit.
type tx struct {
	state *state
	now   int64
	live  []string // IDs that turned out to exist in live mode

	customers     view[object.Customer]
	products      view[object.Product]
	prices        view[object.Price]
	coupons       view[object.Coupon]
	taxRates      view[object.TaxRate]
	schedules     view[object.Schedule]
	subscriptions view[object.Subscription]
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
		schedules:     view[object.Schedule]{base: s.schedules},
		subscriptions: view[object.Subscription]{base: s.subscriptions},
	}
}

// apply makes a transaction's changes the state's.
func (t *tx) apply() {
	for _, id := range t.live {
		t.state.live[id] = struct{}{}
	}
	t.customers.apply()
	t.products.apply()
	t.prices.apply()
	t.coupons.apply()
	t.taxRates.apply()
	t.schedules.apply()
	t.state.plan(t.schedules.changed)
	t.subscriptions.apply()
}

// plan puts the starts of schedules into the queue.
func (s *state) plan(schedules []*object.Schedule) {
	for _, one := range schedules {
		if one.Status == object.ScheduleNotStarted {
			s.due.add(one.Phases[0].StartDate, one.ID)
		}
	}
}

// changes tells whether a transaction did anything.
func (t *tx) changes() bool {
	return len(t.live)+t.customers.size()+t.products.size()+t.prices.size()+t.coupons.size()+
		t.taxRates.size()+t.schedules.size()+t.subscriptions.size() > 0
}
