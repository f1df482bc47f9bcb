package sandbox

import (
	"reflect"

	"github.com/subferry/subferry/migrate/sandbox/internal/object"
	"github.com/subferry/subferry/migrate/sandbox/internal/store/disk"
)

// marked is an ID about which something is remembered.
type marked struct {
	ID string `json:"id"`
}

// Key is the ID.
func (m *marked) Key() string { return m.ID }

func newState() *memory {
	s := &memory{
		answers:    newAnswers(),
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
			return columns{string(o.TestClock), o.Created, o.Due()}
		}),
		subscriptions: newTable((*object.Subscription).Key, func(s *object.Subscription) string { return s.Customer }).by(func(o *object.Subscription) columns {
			return columns{string(o.TestClock), o.Created, o.Due()}
		}),
		methods: newTable((*object.PaymentMethod).Key, func(m *object.PaymentMethod) string { return string(m.Customer) }),
		invoices: newTable((*object.Invoice).Key, func(i *object.Invoice) string { return i.Customer }).by(func(o *object.Invoice) columns {
			return columns{string(o.TestClock), o.Created, o.Due()}
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
func (s *memory) shared(price *object.Price) *object.Price {
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
func (s *memory) tables() map[string]stored {
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
