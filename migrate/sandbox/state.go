package sandbox

import "github.com/subferry/subferry/migrate/sandbox/object"

// state is everything the sandbox remembers, except idempotent answers.
type state struct {
	account object.Account
	founded accountRecord
	ids     idSource
	offset  int64 // seconds the sandbox's clock is ahead of the handed-in one
	live    map[string]struct{}
	deleted map[string]bool      // customers that were deleted
	due     map[string]*dueQueue // by test clock; "" is the sandbox's own
	events  *eventLog

	// unprorated are the subscriptions created with proration_behavior=none:
	// the time between their trial's end and their anchor is free.
	unprorated map[string]bool

	customers     *table[object.Customer]
	products      *table[object.Product]
	prices        *table[object.Price]
	coupons       *table[object.Coupon]
	taxRates      *table[object.TaxRate]
	methods       *table[object.PaymentMethod]
	schedules     *table[object.Schedule]
	subscriptions *table[object.Subscription]
	invoices      *table[object.Invoice]
	pending       *table[object.Pending]
	clocks        *table[object.TestClock]
}

// forgotten notes which customers are gone, and which of those gone are back:
// a deleted customer is still told apart from one that never was.
func (s *state) forgotten(put []*object.Customer, removed []string) {
	if len(s.deleted) > 0 {
		for _, o := range put {
			delete(s.deleted, o.ID)
		}
	}
	for _, id := range removed {
		s.deleted[id] = true
	}
}

func newState() *state {
	return &state{
		live:          map[string]struct{}{},
		deleted:       map[string]bool{},
		due:           map[string]*dueQueue{},
		events:        newEventLog(),
		unprorated:    map[string]bool{},
		customers:     newTable((*object.Customer).Key, nil),
		products:      newTable((*object.Product).Key, nil),
		prices:        newTable((*object.Price).Key, nil),
		coupons:       newTable((*object.Coupon).Key, nil),
		taxRates:      newTable((*object.TaxRate).Key, nil),
		schedules:     newTable((*object.Schedule).Key, func(s *object.Schedule) string { return s.Customer }),
		subscriptions: newTable((*object.Subscription).Key, func(s *object.Subscription) string { return s.Customer }),
		methods:       newTable((*object.PaymentMethod).Key, nil),
		invoices:      newTable((*object.Invoice).Key, func(i *object.Invoice) string { return i.Customer }),
		pending:       newTable((*object.Pending).Key, func(p *object.Pending) string { return p.Subscription }),
		clocks:        newTable((*object.TestClock).Key, nil),
	}
}
