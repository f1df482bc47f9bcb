package sandbox

import (
	"reflect"

	"github.com/subferry/subferry/migrate/sandbox/internal/object"
	"github.com/subferry/subferry/migrate/sandbox/internal/store/disk"
)

// state is everything the sandbox remembers, except idempotent answers.
type state struct {
	account object.Account
	founded accountRecord
	ids     idSource
	offset  int64                // seconds the sandbox's clock is ahead of the handed-in one
	due     map[string]*dueQueue // by test clock; "" is the sandbox's own
	events  *eventLog

	// live are the IDs that exist in live mode.
	live *table[marked]
	// unprorated are the subscriptions created with proration_behavior=none:
	// the time between their trial's end and their anchor is free.
	unprorated *table[marked]
	// deleted are the customers that were deleted.
	deleted *table[marked]

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

// marked is an ID about which something is remembered.
type marked struct {
	ID string `json:"id"`
}

// Key is the ID.
func (m *marked) Key() string { return m.ID }

func newState() *state {
	s := &state{
		due:        map[string]*dueQueue{},
		events:     newEventLog(),
		live:       newTable((*marked).Key, nil),
		unprorated: newTable((*marked).Key, nil),
		deleted:    newTable((*marked).Key, nil),
		customers: newTable((*object.Customer).Key, nil).by(func(o *object.Customer) columns {
			return columns{clock: string(o.TestClock), created: o.Created}
		}),
		products: newTable((*object.Product).Key, nil),
		prices:   newTable((*object.Price).Key, nil),
		coupons:  newTable((*object.Coupon).Key, nil),
		taxRates: newTable((*object.TaxRate).Key, nil),
		schedules: newTable((*object.Schedule).Key, func(s *object.Schedule) string { return s.Customer }).by(func(o *object.Schedule) columns {
			return columns{string(o.TestClock), o.Created, scheduleDue(o)}
		}),
		subscriptions: newTable((*object.Subscription).Key, func(s *object.Subscription) string { return s.Customer }).by(func(o *object.Subscription) columns {
			return columns{string(o.TestClock), o.Created, subscriptionDue(o)}
		}),
		methods: newTable((*object.PaymentMethod).Key, func(m *object.PaymentMethod) string { return string(m.Customer) }),
		invoices: newTable((*object.Invoice).Key, func(i *object.Invoice) string { return i.Customer }).by(func(o *object.Invoice) columns {
			return columns{string(o.TestClock), o.Created, invoiceDue(o)}
		}),
		pending: newTable((*object.Pending).Key, func(p *object.Pending) string { return p.Subscription }),
		clocks:  newTable((*object.TestClock).Key, nil),
	}
	s.subscriptions.disk.loaded = func(o *object.Subscription) {
		for _, item := range o.Items.Data {
			item.Price = s.shared(item.Price)
		}
	}
	s.invoices.disk.loaded = func(o *object.Invoice) {
		for _, line := range o.Lines.Data {
			line.Price = s.shared(line.Price)
		}
	}
	return s
}

// shared returns the price in the table when it is the same, so that not each
// item and line that was read holds one of its own.
func (s *state) shared(price *object.Price) *object.Price {
	if price == nil {
		return nil
	}
	if known := s.prices.get(price.ID); known != nil && reflect.DeepEqual(known, price) {
		return known
	}
	return price
}

// stored is a table without its type.
type stored interface {
	attach(kind string, s *disk.Store)
	decode(body []byte) (any, error)
	export(kind string) []disk.Change
}

// tables are all tables with the kind of their objects.
func (s *state) tables() map[string]stored {
	return map[string]stored{
		"live":                    s.live,
		"unprorated":              s.unprorated,
		"deleted":                 s.deleted,
		"customer":                s.customers,
		"product":                 s.products,
		"price":                   s.prices,
		"coupon":                  s.coupons,
		"tax_rate":                s.taxRates,
		"payment_method":          s.methods,
		"subscription_schedule":   s.schedules,
		"subscription":            s.subscriptions,
		"invoice":                 s.invoices,
		"pending":                 s.pending,
		"test_helpers.test_clock": s.clocks,
	}
}
