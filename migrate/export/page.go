package export

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/subferry/subferry/migrate"
)

// pageSize is the most objects that Stripe puts on a page.
const pageSize = 100

// page is one answer of a list.
type page struct {
	objects []object
	more    bool
}

// object is one object of a list, with what the export itself looks at.
type object struct {
	id  string
	at  int64 // when it was created
	raw []byte
}

// NotAListError is an answer that is no list of Stripe's.
type NotAListError struct{ Path, Why string }

// Error tells what was found.
func (e *NotAListError) Error() string {
	return fmt.Sprintf("the answer to GET %s is no list of Stripe's: %s. Is --api-base the address of a server that speaks Stripe's API?", e.Path, e.Why)
}

// readPage reads an answer; the objects are in one line each and otherwise as Stripe wrote them.
func readPage(kind Kind, raw []byte) (page, error) {
	var list struct {
		Data *[]json.RawMessage `json:"data"`
		More bool               `json:"has_more"`
	}
	if err := json.Unmarshal(raw, &list); err != nil {
		return page{}, &NotAListError{kind.Path, err.Error()}
	}
	if list.Data == nil {
		return page{}, &NotAListError{kind.Path, "it has no field data"}
	}
	p := page{more: list.More, objects: make([]object, len(*list.Data))}
	var line bytes.Buffer
	line.Grow(len(raw))
	for i, text := range *list.Data {
		begin := line.Len()
		if err := json.Compact(&line, text); err != nil {
			return page{}, &NotAListError{kind.Path, err.Error()}
		}
		(*list.Data)[i] = nil
		o, err := readObject(kind, line.Bytes()[begin:])
		if err != nil {
			return page{}, &NotAListError{kind.Path, err.Error()}
		}
		p.objects[i] = o
	}
	return p, nil
}

// readObject reads one line.
func readObject(kind Kind, line []byte) (object, error) {
	var head struct {
		ID      string `json:"id"`
		Created second `json:"created"`
		Date    int64  `json:"date"`
	}
	if err := json.Unmarshal(line, &head); err != nil {
		return object{}, err
	}
	if head.ID == "" {
		return object{}, fmt.Errorf("an object without an ID: %.200s", line)
	}
	o := object{id: head.ID, at: int64(head.Created), raw: line}
	if kind.Time == "date" && head.Date != 0 {
		o.at = head.Date
	}
	return o, nil
}

// second is a Unix second, which events of the newer kind (v2.core.event) have as text.
type second int64

// UnmarshalJSON implements json.Unmarshaler.
func (s *second) UnmarshalJSON(text []byte) error {
	if len(text) > 0 && text[0] == '"' {
		var at time.Time
		err := json.Unmarshal(text, &at)
		*s = second(at.Unix())
		return err
	}
	return json.Unmarshal(text, (*int64)(s))
}

// query returns the parameters of a page: of which time, and after which object.
func (k Kind) query(of Span, cursor string) url.Values {
	q := url.Values{"limit": {fmt.Sprint(pageSize)}}
	for name, values := range k.Params {
		q[name] = values
	}
	if of.From > 0 {
		q.Set("created[gte]", fmt.Sprint(of.From))
	}
	if of.Until > 0 {
		q.Set("created[lt]", fmt.Sprint(of.Until))
	}
	if cursor != "" {
		q.Set("starting_after", cursor)
	}
	return q
}

// cursorGone tells whether Stripe does not know the object any more after which a page was asked for.
func cursorGone(err *migrate.StripeError) bool {
	return refusal(err) != nil && (err.Param == "starting_after" || err.Code == "resource_missing" && strings.Contains(err.Message, "starting_after"))
}
