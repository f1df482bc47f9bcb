package sandbox

import (
	"bytes"
	"encoding/json"

	"github.com/subferry/subferry/migrate/sandbox/object"
)

// record is one line of the journal: everything one request changed.
type record struct {
	Account *accountRecord `json:"account,omitempty"`
	Count   uint64         `json:"n,omitempty"` // of the ID source
	Offset  *int64         `json:"clock_offset,omitempty"`
	Live    []string       `json:"live_ids,omitempty"`
	Free    []string       `json:"unprorated,omitempty"`

	Customers     []*object.Customer      `json:"customer,omitempty"`
	Products      []*object.Product       `json:"product,omitempty"`
	Prices        []*object.Price         `json:"price,omitempty"`
	Coupons       []*object.Coupon        `json:"coupon,omitempty"`
	TaxRates      []*object.TaxRate       `json:"tax_rate,omitempty"`
	Schedules     []*object.Schedule      `json:"subscription_schedule,omitempty"`
	Subscriptions []*object.Subscription  `json:"subscription,omitempty"`
	Methods       []*object.PaymentMethod `json:"payment_method,omitempty"`
	Invoices      []*object.Invoice       `json:"invoice,omitempty"`
	Pending       []*object.Pending       `json:"pending,omitempty"`
	Clocks        []*object.TestClock     `json:"test_clock,omitempty"`
	Events        eventRecords            `json:"event,omitzero"`

	Removed map[string][]string `json:"removed,omitempty"`
	Answer  *answerRecord       `json:"answer,omitempty"`
}

// accountRecord is what a directory keeps of its account.
type accountRecord struct {
	Version int    `json:"version"` // of the journal's format
	ID      string `json:"id"`
	Seed    string `json:"seed"`
	Created int64  `json:"created"`

	// TaxBehavior is the default of the account's tax settings, "" for none.
	TaxBehavior string `json:"tax_behavior,omitempty"`
}

// record returns a transaction as a journal line's content.
func (t *tx) record() *record {
	r := &record{
		Count:         t.state.ids.Count,
		Account:       t.account,
		Live:          t.live,
		Free:          t.free,
		Customers:     t.customers.changed,
		Products:      t.products.changed,
		Prices:        t.prices.changed,
		Coupons:       t.coupons.changed,
		TaxRates:      t.taxRates.changed,
		Schedules:     t.schedules.changed,
		Subscriptions: t.subscriptions.changed,
		Methods:       t.methods.changed,
		Invoices:      t.invoices.changed,
		Pending:       t.pending.changed,
		Clocks:        t.clocks.changed,
	}
	for i, e := range t.events {
		r.Events.list = append(r.Events.list, e.record(t.refers(i)))
	}
	r.removes("customer", t.customers.removed)
	r.removes("product", t.products.removed)
	r.removes("coupon", t.coupons.removed)
	r.removes("invoice", t.invoices.removed)
	r.removes("pending", t.pending.removed)
	r.removes("test_clock", t.clocks.removed)
	return r
}

func (r *record) removes(kind string, ids []string) {
	if len(ids) == 0 {
		return
	}
	if r.Removed == nil {
		r.Removed = map[string][]string{}
	}
	r.Removed[kind] = ids
}

// line encodes a record without its nulls, newline at the end.
func (r *record) line() ([]byte, error) {
	full, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	return append(sealed(dropNulls(full)), '\n'), nil
}

// restore applies a record read from the journal.
func (s *state) restore(r *record) {
	if r.Account != nil {
		s.adopt(*r.Account)
	}
	s.ids.Count = max(s.ids.Count, r.Count)
	if r.Offset != nil {
		s.offset = *r.Offset
	}
	for _, id := range r.Live {
		s.live[id] = struct{}{}
	}
	for _, id := range r.Free {
		s.unprorated[id] = true
	}
	putAll(s.customers, r.Customers)
	putAll(s.products, r.Products)
	putAll(s.prices, r.Prices)
	putAll(s.coupons, r.Coupons)
	putAll(s.taxRates, r.TaxRates)
	putAll(s.schedules, r.Schedules)
	s.sharePrices(r)
	putAll(s.subscriptions, r.Subscriptions)
	putAll(s.methods, r.Methods)
	putAll(s.invoices, r.Invoices)
	putAll(s.pending, r.Pending)
	putAll(s.clocks, r.Clocks)
	removeAll(s.customers, r.Removed["customer"])
	s.forgotten(r.Customers, r.Removed["customer"])
	removeAll(s.products, r.Removed["product"])
	removeAll(s.coupons, r.Removed["coupon"])
	removeAll(s.invoices, r.Removed["invoice"])
	removeAll(s.pending, r.Removed["pending"])
	removeAll(s.clocks, r.Removed["test_clock"])
	s.events.later(r)
}

func putAll[O any](t *table[O], objects []*O) {
	for _, o := range objects {
		t.put(o)
	}
}

func removeAll[O any](t *table[O], ids []string) {
	for _, id := range ids {
		t.remove(id)
	}
}

// dropNulls removes the members of JSON objects whose value is null. Reading
// them back gives the same Go data; half of a schedule is nulls.
func dropNulls(b []byte) []byte {
	null := []byte(":null")
	out := make([]byte, 0, len(b))
	start := 0
	inText := false
	for i := 0; i < len(b); i++ {
		switch {
		case b[i] == '\\' && inText:
			i++
		case b[i] == '"':
			inText = !inText
		case b[i] == ':' && !inText && bytes.HasPrefix(b[i:], null):
			out = append(out, b[start:i]...)
			out = out[:keyStart(out)]
			i += len(null) - 1
			start = i + 1
			if start < len(b) && b[start] == ',' && out[len(out)-1] == '{' {
				start++
			} else if out[len(out)-1] == ',' {
				out = out[:len(out)-1]
			}
		}
	}
	return append(out, b[start:]...)
}

// keyStart is where the quoted key at the end of b begins. Keys of members
// that can be null are field names and hold no escapes.
func keyStart(b []byte) int {
	return bytes.LastIndexByte(b[:len(b)-1], '"')
}

// sharePrices makes what was read point to the prices there are, instead of
// each line and item holding a price of its own.
func (s *state) sharePrices(r *record) {
	for _, sub := range r.Subscriptions {
		for _, item := range sub.Items.Data {
			if price := s.prices.get(item.Price.ID); price != nil {
				item.Price = price
			}
		}
	}
	for _, inv := range r.Invoices {
		for _, line := range inv.Lines.Data {
			if price := s.prices.get(line.Price.ID); price != nil {
				line.Price = price
			}
		}
	}
}
