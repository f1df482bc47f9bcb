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
}

// eventRecord is an event in the journal. Kind and ObjectID refer to an object
// in the same line; Body is the object when it is not there as it was.
type eventRecord struct {
	ID       string              `json:"id"`
	Type     string              `json:"type"`
	Created  int64               `json:"created"`
	Request  object.EventRequest `json:"request"`
	Kind     string              `json:"kind,omitempty"`
	ObjectID string              `json:"object_id,omitempty"`
	Body     []byte              `json:"body,omitempty"`
}

// refers tells whether the i-th event's object is what the transaction put:
// it is, unless a later event shows that the object changed again.
func (t *tx) refers(i int) bool {
	kind, id := identify(t.events[i].Object)
	if !t.wrote(kind, id) {
		return false
	}
	for _, later := range t.events[i+1:] {
		if _, other := identify(later.Object); other == id {
			return false
		}
	}
	return true
}

func (e *event) record(refers bool) *eventRecord {
	r := &eventRecord{ID: e.ID, Type: e.Type, Created: e.Created, Request: e.Request}
	if refers {
		r.Kind, r.ObjectID = identify(e.Object)
		return r
	}
	// Objects always encode: every answer holds some.
	r.Body, _ = json.Marshal(e.Object)
	return r
}

func (r *eventRecord) event(line *record) *event {
	e := &event{ID: r.ID, Type: r.Type, Created: r.Created, Request: r.Request, Object: json.RawMessage(r.Body)}
	if r.Kind != "" {
		e.Object = line.find(r.Kind, r.ObjectID)
	}
	return e
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
