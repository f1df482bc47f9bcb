package sandbox

import (
	"fmt"
)

// Split returns n sandboxes in memory, each with the account, the clock and the catalog of this one and with some of its
// customers. Customers have nothing in common but the catalog, so that what happens in the parts is what would have
// happened here, but for the IDs of what is created. part says which part a customer belongs to, from 0 to n-1, and is
// negative for one that is not wanted.
//
// It returns this sandbox alone when it cannot be divided: when it is kept in a directory, sends webhooks or limits
// requests, when anything but customers and catalog exists, and when a coupon may be used only so many times. The caller
// closes the parts.
func (s *Server) Split(n int, part func(customer string) int) ([]*Server, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken != nil {
		return nil, s.broken
	}
	all := s.state
	whole := s.store != nil || s.sender != nil || s.opts.Limits != Limits{} ||
		all.schedules.count+all.subscriptions.count+all.invoices.count+all.pending.count+all.clocks.count > 0
	for _, o := range all.coupons.all() {
		whole = whole || o.MaxRedemptions != nil
	}
	if whole || n < 2 {
		return []*Server{s}, nil
	}
	parts := make([]*Server, n)
	for i := range parts {
		one := newState()
		one.adopt(all.founded)
		one.ids, one.offset = newIDSource(fmt.Sprintf("%s/%d", all.founded.Seed, i+1)), all.offset
		fill(one.live, all.live)
		fill(one.deleted, all.deleted)
		fill(one.products, all.products)
		fill(one.prices, all.prices)
		fill(one.coupons, all.coupons)
		fill(one.taxRates, all.taxRates)
		parts[i] = &Server{opts: s.opts, routes: s.routes, state: one, answers: newAnswers(), limiter: newLimiter(s.opts.Limits)}
	}
	for _, o := range all.customers.all() {
		if i := part(o.ID); i >= 0 {
			parts[i].state.customers.put(o)
		}
	}
	for _, o := range all.methods.all() {
		if i := part(string(o.Customer)); i >= 0 && o.Customer != "" {
			parts[i].state.methods.put(o)
		}
	}
	return parts, nil
}

// fill puts the objects of another table into an empty one.
func fill[O any](into, from *table[O]) {
	for _, o := range from.all() {
		into.put(o)
	}
}
