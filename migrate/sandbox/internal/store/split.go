package store

import (
	"fmt"

	"github.com/subferry/subferry/migrate/sandbox/internal/object"
)

// Split returns n stores in memory, each with the account, the clock and the catalog of this one and with those customers
// for which part returns its number, from 0 to n-1. It returns none when the store cannot be divided: when it is kept in a
// directory, when its events are wanted, when anything but customers and catalog exists, and when a coupon may be used
// only so many times.
func (s *Store) Split(n int, part func(customer string) int) []*Store {
	if s.disk != nil || s.Notify != nil || s.Schedules.count+s.Subscriptions.count+s.Invoices.count+s.Pending.count+s.Clocks.count > 0 {
		return nil
	}
	for _, o := range s.Coupons.All() {
		if o.MaxRedemptions != nil {
			return nil
		}
	}
	parts := make([]*Store, n)
	for i := range parts {
		one := newState()
		one.clock = s.clock
		one.adopt(s.Founded)
		one.IDs, one.offset = newIDSource(fmt.Sprintf("%s/%d", s.Founded.Seed, i+1)), s.offset
		fill(one.Live, s.Live)
		fill(one.deleted, s.deleted)
		fill(one.Products, s.Products)
		fill(one.Prices, s.Prices)
		fill(one.Coupons, s.Coupons)
		fill(one.TaxRates, s.TaxRates)
		parts[i] = one
	}
	for _, o := range s.Customers.All() {
		if i := part(o.ID); i >= 0 {
			parts[i].Customers.Put(o)
		}
	}
	for _, o := range s.Methods.All() {
		if i := part(string(o.Customer)); i >= 0 && o.Customer != "" {
			parts[i].Methods.Put(o)
		}
	}
	return parts
}

// fill puts the objects of another table into an empty one.
func fill[O any](into, from *Table[O]) {
	for _, o := range from.All() {
		into.Put(o)
	}
}

// TakeInvoices shows the invoices made before a time, the newest first, and drops those with which no clock has to do
// anything.
func (s *Store) TakeInvoices(before int64, show func(*object.Invoice)) error {
	t := s.Begin(s.Now())
	all := s.Invoices.All()
	for i := len(all) - 1; i >= 0; i-- {
		if o := all[i]; o.Created < before {
			show(o)
			if o.Due() == 0 {
				t.Invoices.Remove(o.ID)
			}
		}
	}
	if err := s.Commit(t, Fingerprint{}, nil); err != nil {
		return err
	}
	s.Invoices = s.Invoices.packed()
	return nil
}
