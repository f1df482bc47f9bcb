package webhooks

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/cutover"
	"github.com/subferry/subferry/migrate/internal/standing"
	"github.com/subferry/subferry/migrate/schedule"
	"github.com/subferry/subferry/migrate/serve/store"
)

// Event is an event of any API version, as far as it is looked at.
type Event struct {
	ID         string
	Type       string
	APIVersion string // "" when it does not say
	Created    csvspec.Timestamp
	Livemode   bool
	Account    string // the connected account that it is about; "" is the endpoint's own

	Ours bool // this program's own request has caused it

	Subscription string       // that it is about; "" when it is about none
	Schedule     string       // likewise
	Tag          schedule.Tag // of the row that the subscription or schedule was made for; zero when the event does not say
	object       object
	odd          bool                       // a subscription whose shape is not understood
	before       map[string]json.RawMessage // the fields that an update has changed, as they were
}

// envelope is what surrounds an object: of the usual events, and of those of the newer kind (v2.core.event), which have a
// time as text and name an account as their context.
type envelope struct {
	ID         string          `json:"id"`
	Object     string          `json:"object"`
	Type       string          `json:"type"`
	APIVersion string          `json:"api_version"`
	Created    json.RawMessage `json:"created"`
	Livemode   *bool           `json:"livemode"`
	Account    string          `json:"account"`
	Context    json.RawMessage `json:"context"`
	Request    json.RawMessage `json:"request"`
	Data       struct {
		Object   json.RawMessage            `json:"object"`
		Previous map[string]json.RawMessage `json:"previous_attributes"`
	} `json:"data"`
}

// object is what is looked at of an invoice, a subscription or a schedule.
type object struct {
	ID           string            `json:"id"`
	Object       string            `json:"object"`
	Status       string            `json:"status"`
	Metadata     map[string]string `json:"metadata"`
	Subscription standing.Ref      `json:"subscription"`
	Details      *details          `json:"subscription_details"` // of an invoice until API version 2025-02-24
	Parent       *struct {
		Details *details `json:"subscription_details"` // since
	} `json:"parent"`
	Items        json.RawMessage `json:"items"` // of a subscription
	subscription standing.Subscription
}

type details struct {
	Subscription standing.Ref      `json:"subscription"`
	Metadata     map[string]string `json:"metadata"`
}

// Read reads an event of any API version. Only what no event may lack is an error: an object whose shape is not understood
// is one of which nothing is known.
func Read(raw []byte) (Event, error) {
	var in envelope
	if err := json.Unmarshal(raw, &in); err != nil {
		return Event{}, fmt.Errorf("the body is no event of Stripe's: %w", err)
	}
	e := Event{ID: in.ID, Type: in.Type, APIVersion: in.APIVersion, Account: in.Account, before: in.Data.Previous}
	var err error
	switch {
	case !strings.HasPrefix(in.ID, "evt_") || len(in.ID) > 255:
		err = errors.New("its id does not begin with evt_")
	case in.Type == "" || len(in.Type) > 255:
		err = errors.New("it has no type")
	case in.Livemode == nil:
		err = errors.New("it does not say whether it is in live mode")
	default:
		e.Livemode = *in.Livemode
		e.Created, err = readMoment(in.Created)
	}
	if err != nil {
		return Event{}, fmt.Errorf("the body is no event of Stripe's: %w", err)
	}
	if context := ""; e.Account == "" && json.Unmarshal(in.Context, &context) == nil && store.IsAccount(context) {
		e.Account = context
	}
	var request struct {
		Key string `json:"idempotency_key"`
	}
	if json.Unmarshal(in.Request, &request) == nil {
		e.Ours = strings.HasPrefix(request.Key, schedule.TagKey+"_")
	}
	if json.Unmarshal(in.Data.Object, &e.object) == nil {
		e.readObject(in.Data.Object)
	}
	return e, nil
}

// readMoment reads Unix seconds, or a time as text.
func readMoment(raw json.RawMessage) (csvspec.Timestamp, error) {
	text := string(bytes.Trim(raw, `"`))
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil && seconds > 0 {
		return csvspec.Timestamp(seconds), nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil || csvspec.At(at) <= 0 {
		return 0, errors.New("it does not say when it was created")
	}
	return csvspec.At(at), nil
}

// readObject finds what the object is about.
func (e *Event) readObject(raw json.RawMessage) {
	o := &e.object
	switch o.Object {
	case "invoice":
		all := []*details{{Subscription: o.Subscription}, o.Details}
		if o.Parent != nil {
			all = append(all, o.Parent.Details)
		}
		for _, d := range all {
			if d == nil {
				continue
			}
			if e.Subscription == "" {
				e.Subscription = string(d.Subscription)
			}
			e.take(d.Metadata)
		}
	case "subscription":
		e.Subscription = o.ID
		e.take(o.Metadata)
		if json.Unmarshal(raw, &o.subscription) != nil {
			e.odd = true
		}
	case "subscription_schedule":
		e.Schedule = o.ID
		e.Subscription = string(o.Subscription)
		e.take(o.Metadata)
	}
}

// take takes over the tag of a row, where metadata has one.
func (e *Event) take(metadata map[string]string) {
	if tag, ok := schedule.ParseTag(metadata); ok {
		e.Tag = tag
	}
}

// marked tells whether a cutover has stopped the subscription for a row.
func (e *Event) marked(tag schedule.Tag) bool {
	words := strings.Fields(e.object.Metadata[cutover.MarkKey])
	return len(words) > 0 && words[0] == tag.String()
}
