package store

import (
	"bytes"
	"encoding/json"

	"github.com/subferry/subferry/migrate/sandbox/internal/object"
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

// replay applies a record read from the journal.
func (s *Store) replay(r *record) {
	if r.Account != nil {
		s.setAccount(*r.Account)
	}
	s.IDs.Count = max(s.IDs.Count, r.Count)
	if r.Offset != nil {
		s.offset = *r.Offset
	}
	for _, id := range r.Live {
		s.Live.Put(&Marked{ID: id})
	}
	for _, id := range r.Free {
		s.unprorated.Put(&Marked{ID: id})
	}
	putAll(s.Customers, r.Customers)
	putAll(s.Products, r.Products)
	putAll(s.Prices, r.Prices)
	putAll(s.Coupons, r.Coupons)
	putAll(s.TaxRates, r.TaxRates)
	putAll(s.Schedules, r.Schedules)
	s.sharePrices(r)
	putAll(s.Subscriptions, r.Subscriptions)
	putAll(s.Methods, r.Methods)
	putAll(s.Invoices, r.Invoices)
	putAll(s.Pending, r.Pending)
	putAll(s.Clocks, r.Clocks)
	removeAll(s.Customers, r.Removed["customer"])
	for _, o := range r.Customers {
		s.deleted.remove(o.ID)
	}
	for _, id := range r.Removed["customer"] {
		s.deleted.Put(&Marked{ID: id})
	}
	removeAll(s.Products, r.Removed["product"])
	removeAll(s.Coupons, r.Removed["coupon"])
	removeAll(s.Invoices, r.Removed["invoice"])
	removeAll(s.Pending, r.Removed["pending"])
	removeAll(s.Clocks, r.Removed["test_clock"])
}

func putAll[O any](t *Table[O], objects []*O) {
	for _, o := range objects {
		t.Put(o)
	}
}

func removeAll[O any](t *Table[O], ids []string) {
	for _, id := range ids {
		t.remove(id)
	}
}

// sharePrices makes what was read point to the prices there are, instead of each line and item holding a price of its
// own.
func (s *Store) sharePrices(r *record) {
	for _, sub := range r.Subscriptions {
		for _, item := range sub.Items.Data {
			if price := s.Prices.Get(item.Price.ID); price != nil {
				item.Price = price
			}
		}
	}
	for _, inv := range r.Invoices {
		for _, line := range inv.Lines.Data {
			if price := s.Prices.Get(line.Price.ID); price != nil {
				line.Price = price
			}
		}
	}
}

// eventRecord is an event in the journal. Kind and ObjectID refer to an object in the same line; Body is the object
// when it is not there as it was.
type eventRecord struct {
	ID       string              `json:"id"`
	Type     string              `json:"type"`
	Created  int64               `json:"created"`
	Request  object.EventRequest `json:"request"`
	Kind     string              `json:"kind,omitempty"`
	ObjectID string              `json:"object_id,omitempty"`
	Body     []byte              `json:"body,omitempty"`
}

func (r *eventRecord) event(line *record) *Event {
	e := &Event{ID: r.ID, Type: r.Type, Created: r.Created, Request: r.Request, Object: json.RawMessage(r.Body)}
	if r.Kind != "" {
		e.Object = line.find(r.Kind, r.ObjectID)
	}
	return e
}

// eventRecords are the events of a journal line. Read, they stay text until it is known which are the newest ones: the
// others are never looked at.
type eventRecords struct {
	list []*eventRecord
	raw  []byte
}

// UnmarshalJSON keeps the text.
func (r *eventRecords) UnmarshalJSON(b []byte) error {
	r.raw = bytes.Clone(b)
	return nil
}

// later notes a line that was read for events.
func (j *journal) later(r *record) {
	if r.Events.raw == nil {
		return
	}
	j.recent = append(j.recent, r)
	if len(j.recent) > 2*EventsKept {
		j.recent = append([]*record(nil), j.recent[EventsKept:]...)
	}
}

// events restores the events of the newest lines.
func (j *journal) events() error {
	for _, r := range j.recent {
		if err := json.Unmarshal(r.Events.raw, &r.Events.list); err != nil {
			return err
		}
		for _, e := range r.Events.list {
			j.memory.events.add(e.event(r))
		}
	}
	j.recent = nil
	return nil
}

// find returns the object of that kind and ID in a journal line, or nil.
func (r *record) find(kind, id string) any {
	switch kind {
	case "customer":
		return findIn(r.Customers, id, (*object.Customer).Key)
	case "product":
		return findIn(r.Products, id, (*object.Product).Key)
	case "price":
		return findIn(r.Prices, id, (*object.Price).Key)
	case "coupon":
		return findIn(r.Coupons, id, (*object.Coupon).Key)
	case "tax_rate":
		return findIn(r.TaxRates, id, (*object.TaxRate).Key)
	case "subscription_schedule":
		return findIn(r.Schedules, id, (*object.Schedule).Key)
	case "subscription":
		return findIn(r.Subscriptions, id, (*object.Subscription).Key)
	case "payment_method":
		return findIn(r.Methods, id, (*object.PaymentMethod).Key)
	case "invoice":
		return findIn(r.Invoices, id, (*object.Invoice).Key)
	case "test_helpers.test_clock":
		return findIn(r.Clocks, id, (*object.TestClock).Key)
	}
	return nil
}

func findIn[O any](objects []*O, id string, key func(*O) string) any {
	for _, o := range objects {
		if key(o) == id {
			return o
		}
	}
	return nil
}
