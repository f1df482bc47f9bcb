package store

import (
	"reflect"

	"github.com/subferry/subferry/migrate/sandbox/internal/object"
	"github.com/subferry/subferry/migrate/sandbox/internal/store/disk"
)

// Marked is an ID about which something is remembered.
type Marked struct {
	ID string `json:"id"`
}

// Key is the ID.
func (m *Marked) Key() string { return m.ID }

func newStore() *Store {
	s := &Store{
		answers:    newAnswers(),
		due:        map[string]*dueQueue{},
		events:     &eventLog{},
		Live:       NewTable((*Marked).Key, nil),
		unprorated: NewTable((*Marked).Key, nil),
		deleted:    NewTable((*Marked).Key, nil),
		Customers: NewTable((*object.Customer).Key, nil).by(func(o *object.Customer) columns {
			return columns{clock: string(o.TestClock), created: o.Created}
		}),
		Products: NewTable((*object.Product).Key, nil),
		Prices:   NewTable((*object.Price).Key, nil),
		Coupons:  NewTable((*object.Coupon).Key, nil),
		TaxRates: NewTable((*object.TaxRate).Key, nil),
		Schedules: NewTable((*object.Schedule).Key, func(s *object.Schedule) string { return s.Customer }).by(func(o *object.Schedule) columns {
			return columns{string(o.TestClock), o.Created, o.Due()}
		}),
		Subscriptions: NewTable((*object.Subscription).Key, func(s *object.Subscription) string { return s.Customer }).by(func(o *object.Subscription) columns {
			return columns{string(o.TestClock), o.Created, o.Due()}
		}),
		Methods: NewTable((*object.PaymentMethod).Key, func(m *object.PaymentMethod) string { return string(m.Customer) }),
		Invoices: NewTable((*object.Invoice).Key, func(i *object.Invoice) string { return i.Customer }).by(func(o *object.Invoice) columns {
			return columns{string(o.TestClock), o.Created, o.Due()}
		}),
		Pending: NewTable((*object.Pending).Key, (*object.Pending).Owner),
		Clocks:  NewTable((*object.TestClock).Key, nil),
		Meters:  NewTable((*object.Meter).Key, nil),
		Usage:   NewTable((*object.Usage).Key, (*object.Usage).Owner),
	}
	s.Subscriptions.disk.loaded = func(o *object.Subscription) {
		for _, item := range o.Items.Data {
			item.Price = s.shared(item.Price)
		}
	}
	s.Invoices.disk.loaded = func(o *object.Invoice) {
		for _, line := range o.Lines.Data {
			line.Price = s.shared(line.Price)
		}
	}
	return s
}

// shared returns the price in the table when it is the same, so that not each item and line that was read holds one of
// its own.
func (s *Store) shared(price *object.Price) *object.Price {
	if price == nil {
		return nil
	}
	if known := s.Prices.Get(price.ID); known != nil && reflect.DeepEqual(known, price) {
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
func (s *Store) tables() map[string]stored {
	return map[string]stored{
		"live":                    s.Live,
		"unprorated":              s.unprorated,
		"deleted":                 s.deleted,
		"customer":                s.Customers,
		"product":                 s.Products,
		"price":                   s.Prices,
		"coupon":                  s.Coupons,
		"tax_rate":                s.TaxRates,
		"payment_method":          s.Methods,
		"subscription_schedule":   s.Schedules,
		"subscription":            s.Subscriptions,
		"invoice":                 s.Invoices,
		"pending":                 s.Pending,
		"test_helpers.test_clock": s.Clocks,
		"billing.meter":           s.Meters,
		"usage":                   s.Usage,
	}
}
