package sandbox

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/subferry/subferry/migrate/sandbox/apierr"
	"github.com/subferry/subferry/migrate/sandbox/object"
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

// eventLog holds the newest events.
type eventLog struct {
	table  *table[event]
	oldest int
	read   []*record // of the journal, while it is being read
}

func newEventLog() *eventLog {
	return &eventLog{table: newTable((*event).Key, nil)}
}

func (l *eventLog) add(e *event) {
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
	return page(c, c.tx.state.events.table, "event", "", func(e *event) bool {
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
	if e := c.tx.state.events.table.get(c.id); e != nil {
		return e, nil
	}
	return nil, apierr.NoSuch("event", c.id, "id").NotFound()
}
