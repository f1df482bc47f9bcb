package sandbox

import (
	"io"
	"maps"
	"slices"

	"github.com/subferry/subferry/migrate/sandbox/object"
)

// The journal is rewritten on opening when most of it is history: more than
// compactFactor times as many objects as there are, and at least compactLeast.
const (
	compactFactor = 3
	compactLeast  = 5_000
	compactChunk  = 500 // objects a line
)

// compact rewrites the journal when that is worthwhile. written is how many
// objects the journal held. Without room for it the journal stays as it is.
func (s *Server) compact(written int) error {
	if s.journal == nil || written < compactLeast || written < compactFactor*s.state.size() {
		return nil
	}
	s.answers.forget(s.now())
	err := s.journal.draft(func(w io.Writer) error {
		c := &compactor{w: w, answers: map[any]fingerprint{}, memory: s.answers}
		c.write(s.state.head())
		for key, one := range s.answers.byKey {
			if one.result != nil {
				c.answers[one.result] = key
			}
		}
		c.objects(s.state)
		c.rest()
		return c.err
	})
	if err != nil {
		s.opts.Logger.Warn("the sandbox's journal was not made smaller", "error", err)
		return nil
	}
	return s.journal.replace()
}

// compactor writes the state as few journal lines. The first error stops it.
type compactor struct {
	w       io.Writer
	memory  *answers
	answers map[any]fingerprint // by result, those not written yet
	err     error
}

func (c *compactor) write(r *record) {
	if c.err != nil {
		return
	}
	line, err := r.line()
	if err == nil {
		_, err = c.w.Write(line)
	}
	c.err = err
}

func (c *compactor) objects(s *state) {
	compactTable(c, s.customers, func(r *record, o []*object.Customer) { r.Customers = o })
	compactTable(c, s.products, func(r *record, o []*object.Product) { r.Products = o })
	compactTable(c, s.prices, func(r *record, o []*object.Price) { r.Prices = o })
	compactTable(c, s.coupons, func(r *record, o []*object.Coupon) { r.Coupons = o })
	compactTable(c, s.taxRates, func(r *record, o []*object.TaxRate) { r.TaxRates = o })
	compactTable(c, s.schedules, func(r *record, o []*object.Schedule) { r.Schedules = o })
	compactTable(c, s.subscriptions, func(r *record, o []*object.Subscription) { r.Subscriptions = o })
	compactTable(c, s.methods, func(r *record, o []*object.PaymentMethod) { r.Methods = o })
	compactTable(c, s.invoices, func(r *record, o []*object.Invoice) { r.Invoices = o })
	compactTable(c, s.pending, func(r *record, o []*object.Pending) { r.Pending = o })
	compactTable(c, s.clocks, func(r *record, o []*object.TestClock) { r.Clocks = o })
	for _, e := range s.events.table.rows {
		if e != nil {
			c.write(&record{Events: eventRecords{list: []*eventRecord{e.record(false)}}})
		}
	}
}

// compactTable writes a table in its order. An object that is also a
// remembered answer shares its line with the answer.
func compactTable[O any](c *compactor, t *table[O], into func(*record, []*O)) {
	var chunk []*O
	flush := func() {
		if len(chunk) > 0 {
			r := &record{}
			into(r, chunk)
			c.write(r)
			chunk = nil
		}
	}
	for _, o := range t.rows {
		if o == nil {
			continue
		}
		key, answered := c.answers[o]
		if !answered {
			if chunk = append(chunk, o); len(chunk) == compactChunk {
				flush()
			}
			continue
		}
		flush()
		delete(c.answers, o)
		r := &record{Answer: c.memory.byKey[key].record(key)}
		into(r, []*O{o})
		c.write(r)
	}
	flush()
}

// rest writes the answers whose object has changed since, as plain bodies.
func (c *compactor) rest() {
	for key, one := range c.memory.byKey {
		if _, pending := c.answers[one.result]; one.result != nil && !pending {
			continue
		}
		r := &record{Answer: one.record(key)}
		if one.result != nil {
			r.Answer.Kind, r.Answer.ID, r.Answer.Body = "", "", one.response().body
		}
		c.write(r)
	}
}

// head is what a journal begins with.
func (s *state) head() *record {
	offset := s.offset
	r := &record{Account: &s.founded, Count: s.ids.Count, Offset: &offset}
	for id := range s.live {
		r.Live = append(r.Live, id)
	}
	for id := range s.unprorated {
		r.Free = append(r.Free, id)
	}
	r.removes("customer", slices.Sorted(maps.Keys(s.deleted)))
	return r
}

// size is how many objects there are.
func (s *state) size() int {
	return s.customers.count + s.products.count + s.prices.count + s.coupons.count +
		s.taxRates.count + s.schedules.count + s.subscriptions.count + s.methods.count + s.invoices.count + s.pending.count + s.clocks.count + s.events.table.count
}

// size is how many objects a journal line holds.
func (r *record) size() int {
	return len(r.Customers) + len(r.Products) + len(r.Prices) + len(r.Coupons) +
		len(r.TaxRates) + len(r.Schedules) + len(r.Subscriptions) + len(r.Methods) + len(r.Invoices) +
		len(r.Pending) + len(r.Clocks) + r.Events.count()
}
