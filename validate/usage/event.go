package usage

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate/dates"
)

// Event is one row of a file: one event of a meter.
type Event struct {
	Row        int // data row, from 1
	Line       int
	Identifier string // under which Stripe takes the event once
	Derived    bool   // the file names none: the identifier follows from the content of the row
	Timestamp  csvspec.Timestamp
	Meter      string // event_name
	Customer   string // in the account that the event goes to
	Value      string // a decimal number without superfluous zeros
	Payload    []csvspec.KeyValue
}

// Digest tells whether two events are the same but for where they stand: it covers meter, moment and payload.
func (e *Event) Digest() string {
	return digest(e.Meter, e.Timestamp, e.Payload)
}

// digest follows from what an event says. Keys are sorted, so that the order of the columns does not count.
func digest(meter string, at csvspec.Timestamp, payload []csvspec.KeyValue) string {
	pairs := slices.Clone(payload)
	slices.SortFunc(pairs, func(a, b csvspec.KeyValue) int { return strings.Compare(a.Key, b.Key) })
	h := sha256.New()
	fmt.Fprintf(h, "%q %d", meter, at)
	for _, p := range pairs {
		fmt.Fprintf(h, " %q %q", p.Key, p.Value)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// derivedPrefix begins the identifiers of rows that name none.
const derivedPrefix = "subferry-"

// cell is what stands in a column of a row.
type cell struct {
	column string // "" when the file lacks it
	text   string
}

// parsed is a row as far as it could be read.
type parsed struct {
	event     Event
	number    int // of the row that this is
	identity  string
	timestamp cell
	meaning   dates.Meaning
	customer  cell
	source    string // the customer as the file names it
	value     cell
	problem   valueProblem
	known     *Meter // nil when nothing is known of the meter
}

// text returns the text of a column without spaces around it.
func text(src *csvspec.Source, index int) string { return strings.TrimSpace(src.Text(index)) }

// parse reads a row.
func (r *reader) parse(src *csvspec.Source) *parsed {
	p := &parsed{number: src.Row}
	e := &p.event
	e.Row, e.Line = src.Row, src.Line
	e.Meter, p.identity = strings.Clone(text(src, r.layout.eventName)), strings.Clone(text(src, r.layout.identifier))
	customerKey, valueKey := DefaultCustomerKey, DefaultValueKey
	if m, ok := r.opts.Meters[e.Meter]; ok {
		p.known, customerKey, valueKey = &m, m.CustomerKey, m.ValueKey
	}
	if r.layout.timestamp >= 0 {
		p.timestamp = cell{ColumnTimestamp, text(src, r.layout.timestamp)}
		if p.meaning = dates.Read(p.timestamp.text, r.opts.Zone); r.usable(p.meaning) {
			e.Timestamp = p.meaning.At
		}
	}
	for _, c := range r.layout.payload {
		value := strings.Clone(text(src, c.index))
		switch c.key {
		case customerKey:
			p.customer, p.source = cell{PayloadPrefix + c.key, value}, value
			if mapped, ok := r.opts.Customers[value]; ok {
				value = mapped
			}
			e.Customer = value
		case valueKey:
			p.value = cell{PayloadPrefix + c.key, value}
			e.Value, p.problem = parseValue(value)
			value = e.Value
		}
		if value != "" {
			e.Payload = append(e.Payload, csvspec.KeyValue{Key: c.key, Value: value})
		}
	}
	if e.Identifier = p.identity; e.Identifier == "" {
		e.Identifier, e.Derived = derivedPrefix+e.Digest(), true
	}
	return p
}

// usable tells whether a moment means one second: also one with a fraction of a second, which lies within it.
func (r *reader) usable(m dates.Meaning) bool {
	switch m.Kind {
	case dates.Unix, dates.Quoted, dates.Fraction, dates.Grouped, dates.Millis, dates.Micros, dates.Nanos, dates.Zoned:
		return true
	case dates.Local:
		return m.Exact && r.opts.Zone != nil
	}
	return false
}

// Window is the time in which a meter takes events, as of a moment.
func Window(now time.Time) (earliest, latest csvspec.Timestamp) {
	return csvspec.At(now.Add(-MaxAge)), csvspec.At(now.Add(MaxAhead))
}

// The limits of an event.
const (
	MaxAge        = 35 * 24 * time.Hour // how far back its timestamp may lie
	MaxAhead      = 5 * time.Minute     // how far ahead
	MaxIdentifier = 100                 // characters
)
