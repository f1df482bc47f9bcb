package sandbox

import (
	"bytes"
	"encoding/json"

	"github.com/subferry/subferry/migrate/sandbox/object"
)

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

// eventRecords are the events of a journal line. Read, they stay text until
// it is known which are the newest ones: the others are never looked at.
type eventRecords struct {
	list []*eventRecord
	raw  []byte
}

// IsZero leaves the field out of a line without events.
func (r eventRecords) IsZero() bool { return len(r.list) == 0 }

// MarshalJSON writes the list.
func (r eventRecords) MarshalJSON() ([]byte, error) { return json.Marshal(r.list) }

// UnmarshalJSON keeps the text.
func (r *eventRecords) UnmarshalJSON(b []byte) error {
	r.raw = bytes.Clone(b)
	return nil
}

// count is how many events a line that was read holds, at least.
func (r eventRecords) count() int { return min(len(r.raw), 1) }

// later notes a line that was read for decode.
func (l *eventLog) later(r *record) {
	if r.Events.raw == nil {
		return
	}
	l.read = append(l.read, r)
	if len(l.read) > 2*eventsKept {
		l.read = append([]*record(nil), l.read[eventsKept:]...)
	}
}

// decode reads the events of the newest lines.
func (l *eventLog) decode() error {
	for _, r := range l.read {
		if err := json.Unmarshal(r.Events.raw, &r.Events.list); err != nil {
			return err
		}
		for _, e := range r.Events.list {
			l.add(e.event(r))
		}
	}
	l.read = nil
	return nil
}
