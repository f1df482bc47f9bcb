package disk

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
)

// note is a batch as it is written: first as it stands, then filed into the tables.
type note struct {
	Rows    []*row          `json:"rows,omitempty"`
	Events  []*eventRow     `json:"events,omitempty"`
	Answers []*answerRow    `json:"answers,omitempty"`
	Head    json.RawMessage `json:"head,omitempty"`
	Forget  int64           `json:"forget,omitempty"`
	Keep    int64           `json:"keep,omitempty"`
}

// row is a change of an object; one without a body was removed.
type row struct {
	Kind    string `json:"kind"`
	Seq     int64  `json:"seq"`
	Created bool   `json:"created,omitempty"`
	Moved   bool   `json:"moved,omitempty"`
	ID      string `json:"id,omitempty"`
	Owner   string `json:"owner,omitempty"`
	Clock   string `json:"clock,omitempty"`
	At      int64  `json:"at,omitempty"`
	Due     int64  `json:"due,omitempty"`
	Answer  []byte `json:"answer,omitempty"` // the key that was answered with the body
	Body    blob   `json:"body,omitzero"`
}

// eventRow is an event. Its object is that of a row of the same note, counted from 1, or Body.
type eventRow struct {
	N    int64           `json:"n"`
	Head json.RawMessage `json:"head"`
	Row  int             `json:"row,omitempty"`
	Body blob            `json:"body,omitzero"`
}

// answerRow is an answer. Without a body, it is that of the row that has its key.
type answerRow struct {
	Key     []byte `json:"key"`
	Request []byte `json:"request"`
	At      int64  `json:"at"`
	Status  int64  `json:"status"`
	Kind    string `json:"kind,omitempty"`
	ID      string `json:"id,omitempty"`
	Body    blob   `json:"body,omitzero"`
}

// blob is a text that stands beside the note, of which the note holds the length: to check and copy it as JSON within
// JSON would take longer than to write it.
type blob []byte

// IsZero leaves the member out.
func (b blob) IsZero() bool { return b == nil }

// MarshalJSON writes the length.
func (b blob) MarshalJSON() ([]byte, error) { return strconv.AppendInt(nil, int64(len(b)), 10), nil }

// UnmarshalJSON reads the length; split puts the text there.
func (b *blob) UnmarshalJSON(text []byte) error {
	n, err := strconv.ParseInt(string(text), 10, 32)
	if err == nil && n >= 0 {
		*b = make([]byte, n)
	}
	return err
}

// bodies are the texts of a note in their order.
func (n *note) bodies() []*blob {
	var all []*blob
	for _, r := range n.Rows {
		all = append(all, &r.Body)
	}
	for _, e := range n.Events {
		all = append(all, &e.Body)
	}
	for _, a := range n.Answers {
		all = append(all, &a.Body)
	}
	return all
}

// join returns what stands beside the note.
func (n *note) join() []byte {
	joined := []byte{}
	for _, one := range n.bodies() {
		joined = append(joined, *one...)
	}
	return joined
}

// split gives a note that was read its texts.
func (n *note) split(joined []byte) error {
	for _, one := range n.bodies() {
		if len(*one) > len(joined) {
			return errors.New("its bodies are too short")
		}
		joined = joined[copy(*one, joined):]
	}
	return nil
}

// encode makes a note of a batch.
func (b *batch) encode() (*note, error) {
	n := &note{Forget: b.forget, Keep: b.keep}
	answered := map[any]*Answer{}
	for _, a := range b.answers {
		if a.Value != nil {
			answered[a.Value] = a
		}
	}
	rows := map[any]int{} // by object, counted from 1
	for _, c := range b.changes {
		r := &row{Kind: c.Kind, Seq: c.Seq, Created: c.Created, Moved: c.Moved, ID: c.ID, Owner: c.Owner, Clock: c.Clock, At: c.At, Due: c.Due}
		n.Rows = append(n.Rows, r)
		if c.Value == nil {
			continue
		}
		rows[c.Value] = len(n.Rows)
		if a := answered[c.Value]; a != nil {
			r.Answer = a.Key
			if a.JSON != nil {
				r.Body = dropNulls(a.JSON)
				continue
			}
		}
		var err error
		if r.Body, err = encode(c.Value); err != nil {
			return nil, fmt.Errorf("%s %s: %w", c.Kind, c.ID, err)
		}
	}
	if err := n.encodeAnswers(b.answers, answered, rows); err != nil {
		return nil, err
	}
	if err := n.encodeEvents(b, rows); err != nil {
		return nil, err
	}
	if b.head == nil {
		return n, nil
	}
	var err error
	n.Head, err = json.Marshal(b.head)
	return n, err
}

func (n *note) encodeAnswers(all []*Answer, answered map[any]*Answer, rows map[any]int) (err error) {
	for _, a := range all {
		r := &answerRow{Key: a.Key, Request: a.Request, At: a.At, Status: a.Status, Kind: a.Kind, ID: a.ID, Body: a.Body}
		n.Answers = append(n.Answers, r)
		if a.Value == nil || answered[a.Value] == a && rows[a.Value] > 0 {
			continue
		}
		// The object has changed since.
		if r.Body, err = encode(a.Value); err != nil {
			return fmt.Errorf("the answer %s: %w", a.ID, err)
		}
	}
	return nil
}

func (n *note) encodeEvents(b *batch, rows map[any]int) (err error) {
	if extra := len(b.events) - int(b.keep); extra > 0 {
		b.events = b.events[extra:]
	}
	for _, e := range b.events {
		r := &eventRow{N: e.N}
		n.Events = append(n.Events, r)
		if r.Head, err = json.Marshal(e.Head); err != nil {
			return err
		}
		if e.Kind == "" {
			r.Body, err = json.Marshal(e.Object)
		} else if r.Row = rows[e.Object]; r.Row == 0 {
			r.Body, err = encode(e.Object)
		}
		if err != nil {
			return fmt.Errorf("the event %d: %w", e.N, err)
		}
	}
	return nil
}

// toFile is what notes say together.
type toFile struct {
	rows    []*row
	at      map[place]*row
	events  []*eventRow
	answers []*answerRow
	byKey   map[string]*answerRow
	head    []byte
	forget  int64
	keep    int64
}

func newToFile() *toFile { return &toFile{at: map[place]*row{}, byKey: map[string]*answerRow{}} }

func (f *toFile) add(n *note) {
	for _, e := range n.Events {
		if e.Row > 0 {
			e.Row, e.Body = 0, n.Rows[e.Row-1].Body
		}
	}
	for _, r := range n.Rows {
		f.row(r)
	}
	for _, a := range n.Answers {
		f.byKey[string(a.Key)] = a
		f.answers = append(f.answers, a)
	}
	if n.Keep > 0 {
		f.keep = n.Keep
	}
	f.events = append(f.events, n.Events...)
	if most := int(f.keep); len(f.events) > 2*most {
		f.events = append([]*eventRow(nil), f.events[len(f.events)-most:]...)
	}
	if n.Head != nil {
		f.head = n.Head
	}
	f.forget = max(f.forget, n.Forget)
}

func (f *toFile) row(r *row) {
	where := place{r.Kind, r.Seq}
	earlier := f.at[where]
	if earlier == nil {
		kept := *r
		f.at[where] = &kept
		f.rows = append(f.rows, &kept)
		return
	}
	if a := f.byKey[string(earlier.Answer)]; a != nil && a.Body == nil {
		a.Body = earlier.Body
	}
	created, moved := earlier.Created, earlier.Moved
	*earlier = *r
	earlier.Created, earlier.Moved = created, moved || r.Moved
}
