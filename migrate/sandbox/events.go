package sandbox

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/subferry/subferry/migrate/sandbox/internal/apierr"
	"github.com/subferry/subferry/migrate/sandbox/internal/object"
	"github.com/subferry/subferry/migrate/sandbox/internal/store/disk"
)

// eventsKept is how many events are remembered, the newest ones. Stripe keeps
// them for 30 days; a rehearsal makes millions.
const eventsKept = 2_000

// event is something that happened. Its object is a copy made when it did.
type event struct {
	ID      string
	Type    string
	Created int64
	Request object.EventRequest
	Object  any
	// Hooks is 1 when an endpoint is told of the event.
	Hooks int64
}

// Key is the event's ID.
func (e *event) Key() string { return e.ID }

// MarshalJSON writes the event as Stripe's API shows it.
func (e *event) MarshalJSON() ([]byte, error) {
	data, err := json.Marshal(e.Object)
	if err != nil {
		return nil, err
	}
	return json.Marshal(object.Event{
		ID:              e.ID,
		Object:          "event",
		PendingWebhooks: e.Hooks,
		APIVersion:      APIVersion,
		Created:         e.Created,
		Data:            object.EventData{Object: data},
		Request:         e.Request,
		Type:            e.Type,
	})
}

// emit records an event about an object as it is now. A later change of the
// object within the transaction does not show in it.
func emit[O any](t *tx, kind string, o *O) {
	snapshot := *o
	t.events = append(t.events, &event{
		ID:      t.state.ids.next("evt"),
		Type:    kind,
		Created: t.now,
		Request: t.request,
		Object:  &snapshot,
	})
}

// eventHead is what is stored of an event besides its object.
type eventHead struct {
	ID      string              `json:"id"`
	Type    string              `json:"type"`
	Created int64               `json:"created"`
	Request object.EventRequest `json:"request"`
	Kind    string              `json:"kind,omitempty"` // of the object; without one, it is stored word for word
}

func (e *event) head() eventHead {
	kind, _ := identify(e.Object)
	return eventHead{e.ID, e.Type, e.Created, e.Request, kind}
}

// eventLog holds the newest events.
type eventLog struct {
	table  *table[event]
	oldest int
	next   int64       // number of the next event
	stored *disk.Store // holds events that have not been read; nil when all are in memory
	read   int64       // number of the first event in memory
	decode func(kind string, body []byte) (any, error)
}

func newEventLog() *eventLog {
	return &eventLog{table: newTable((*event).Key, nil)}
}

// attach makes the log one of a directory in which the next event has a number.
func (l *eventLog) attach(s *disk.Store, next int64) {
	l.stored, l.next, l.read = s, next, next
}

// all reads what has not been read, and returns the events.
func (l *eventLog) all() *table[event] {
	if l.stored == nil {
		return l.table
	}
	newer := l.table.all()
	l.table, l.oldest = newTable((*event).Key, nil), 0
	err := l.stored.Events(func(n int64, head, body []byte) error {
		if n >= l.read {
			return nil
		}
		var h eventHead
		if err := json.Unmarshal(head, &h); err != nil {
			return err
		}
		e := &event{ID: h.ID, Type: h.Type, Created: h.Created, Request: h.Request, Object: json.RawMessage(body)}
		var err error
		if h.Kind != "" {
			e.Object, err = l.decode(h.Kind, body)
		}
		l.keep(e)
		return err
	})
	must(0, err)
	l.stored = nil
	for _, e := range newer {
		l.keep(e)
	}
	return l.table
}

// add returns the event's number.
func (l *eventLog) add(e *event) int64 {
	l.keep(e)
	l.next++
	return l.next - 1
}

func (l *eventLog) keep(e *event) {
	l.table.put(e)
	for l.table.count > eventsKept {
		if one := l.table.rows[l.oldest]; one != nil {
			l.table.remove(one.ID)
		}
		l.oldest++
	}
	if l.oldest > eventsKept {
		l.table, l.oldest = l.table.packed(), 0
	}
}

func eventHandlers() map[string]handler {
	return map[string]handler{
		"GET /v1/events":      listEvents,
		"GET /v1/events/{id}": retrieveEvent,
	}
}

func listEvents(c *call) (any, error) {
	types := texts(c.params, "types")
	if c.params.Has("type") {
		types = append(types, c.params.String("type"))
	}
	return page(c, c.tx.state.events.all(), "event", "", func(e *event) bool {
		return within(c.params, "created", e.Created) && (len(types) == 0 || slices.ContainsFunc(types, e.is))
	})
}

// is tells whether the event has a type; "invoice.*" is every invoice event.
func (e *event) is(kind string) bool {
	if family, all := strings.CutSuffix(kind, "*"); all {
		return strings.HasPrefix(e.Type, family)
	}
	return e.Type == kind
}

func retrieveEvent(c *call) (any, error) {
	if e := c.tx.state.events.all().get(c.id); e != nil {
		return e, nil
	}
	return nil, apierr.NoSuch("event", c.id, "id").NotFound()
}
