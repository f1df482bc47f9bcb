package store

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/subferry/subferry/migrate/sandbox/internal/object"
	"github.com/subferry/subferry/migrate/sandbox/internal/store/disk"
)

// EventsKept is how many events are remembered, the newest ones. Stripe keeps them for 30 days; a rehearsal makes
// millions.
const EventsKept = 2_000

// Event is something that happened. Its object is a copy made when it did.
type Event struct {
	ID      string
	Type    string
	Created int64
	Request object.EventRequest
	Object  any
	// Hooks is 1 when an endpoint is told of the event.
	Hooks int64
}

// Key is the event's ID.
func (e *Event) Key() string { return e.ID }

// MarshalJSON writes the event as Stripe's API shows it.
func (e *Event) MarshalJSON() ([]byte, error) {
	data, err := json.Marshal(e.Object)
	if err != nil {
		return nil, err
	}
	return json.Marshal(object.Event{
		ID:              e.ID,
		Object:          "event",
		PendingWebhooks: e.Hooks,
		APIVersion:      object.APIVersion,
		Created:         e.Created,
		Data:            object.EventData{Object: data},
		Request:         e.Request,
		Type:            e.Type,
	})
}

// Emit records an event about an object as it is now. A later change of the object within the transaction does not show
// in it.
func Emit[O any](t *Tx, kind string, o *O, more ...string) {
	snapshot := *o
	t.event(kind, &snapshot)
	for _, kind := range more {
		t.event(kind, &snapshot)
	}
}

func (t *Tx) event(kind string, snapshot any) {
	t.events = append(t.events, &Event{ID: t.Store.IDs.Next("evt"), Type: kind, Created: t.Now, Request: t.Request, Object: snapshot})
}

// eventHead is what is stored of an event besides its object.
type eventHead struct {
	ID      string              `json:"id"`
	Type    string              `json:"type"`
	Created int64               `json:"created"`
	Request object.EventRequest `json:"request"`
	Kind    string              `json:"kind,omitempty"` // of the object; without one, it is stored word for word
}

func (e *Event) head() eventHead {
	kind, _ := Identify(e.Object)
	return eventHead{e.ID, e.Type, e.Created, e.Request, kind}
}

// eventLog holds the newest events.
type eventLog struct {
	ring   []*Event    // of this process; event n is at n-first modulo EventsKept
	first  int64       // number of the first event of this process
	next   int64       // number of the next event
	older  []*Event    // from the disk
	stored *disk.Store // holds the older events, until they are read; nil otherwise
	decode func(kind string, body []byte) (any, error)
}

// attach makes the log one of a directory in which the next event has a number.
func (l *eventLog) attach(s *disk.Store, next int64) { l.stored, l.first, l.next = s, next, next }

// add returns the event's number.
func (l *eventLog) add(e *Event) int64 {
	if len(l.ring) < EventsKept {
		l.ring = append(l.ring, e)
	} else {
		l.ring[(l.next-l.first)%EventsKept] = e
	}
	l.next++
	return l.next - 1
}

// all returns the events, oldest first, and reads those that have not been read.
func (l *eventLog) all() []*Event {
	if l.stored != nil {
		must(0, l.stored.Events(func(n int64, head, body []byte) error {
			if n >= l.first {
				return nil
			}
			var h eventHead
			if err := json.Unmarshal(head, &h); err != nil {
				return err
			}
			e := &Event{ID: h.ID, Type: h.Type, Created: h.Created, Request: h.Request, Object: json.RawMessage(body)}
			var err error
			if h.Kind != "" {
				e.Object, err = l.decode(h.Kind, body)
			}
			l.older = append(l.older, e)
			return err
		}))
		l.stored = nil
	}
	oldest := 0 // in the ring
	if l.next-l.first > EventsKept {
		oldest = int((l.next - l.first) % EventsKept)
	}
	all := slices.Concat(l.older, l.ring[oldest:], l.ring[:oldest])
	return all[max(0, len(all)-EventsKept):]
}

// AllEvents returns the events that are remembered.
func (s *Store) AllEvents() *Table[Event] {
	table := NewTable((*Event).Key, nil)
	putAll(table, s.events.all())
	return table
}

// HasType tells whether the event has a type; "invoice.*" is every invoice event.
func (e *Event) HasType(kind string) bool {
	if family, all := strings.CutSuffix(kind, "*"); all {
		return strings.HasPrefix(e.Type, family)
	}
	return e.Type == kind
}
