package usage

import (
	"slices"
	"strings"

	"github.com/subferry/subferry/csvspec"
)

// The columns of a file of usage. What follows PayloadPrefix is a key of the event's payload.
const (
	ColumnIdentifier = "identifier"
	ColumnTimestamp  = "timestamp"
	ColumnEventName  = "event_name"
	PayloadPrefix    = "payload_"
)

// The keys of the payload that hold customer and value where a meter names no others.
const (
	DefaultCustomerKey = "stripe_customer_id"
	DefaultValueKey    = "value"
)

// Columns returns the columns of a template, in the order of Stripe's own upload.
func Columns() []string {
	return []string{ColumnIdentifier, ColumnTimestamp, ColumnEventName, PayloadPrefix + DefaultCustomerKey, PayloadPrefix + DefaultValueKey}
}

// kindOf is csvspec.ReadOptions.Columns for files of usage.
func kindOf(name string) (csvspec.Kind, bool) {
	switch {
	case name == ColumnTimestamp:
		return csvspec.KindTimestamp, true
	case name == PayloadPrefix+DefaultValueKey:
		return csvspec.KindAmount, true
	case slices.Contains(Columns(), name), strings.HasPrefix(name, PayloadPrefix) && name != PayloadPrefix:
		return csvspec.KindText, true
	}
	return csvspec.KindText, false
}

// layout is where the columns of a file stand; -1 for one that it lacks.
type layout struct {
	identifier, timestamp, eventName int
	payload                          []payloadColumn
}

type payloadColumn struct {
	index int
	key   string
}

func layoutOf(h *csvspec.Header) layout {
	l := layout{-1, -1, -1, nil}
	for _, c := range h.Columns {
		if c.Has(csvspec.QuirkDuplicate) {
			continue
		}
		switch name := csvspec.CleanName(c.Raw); name {
		case ColumnIdentifier:
			l.identifier = c.Index
		case ColumnTimestamp:
			l.timestamp = c.Index
		case ColumnEventName:
			l.eventName = c.Index
		default:
			if key, ok := strings.CutPrefix(name, PayloadPrefix); ok && key != "" {
				l.payload = append(l.payload, payloadColumn{c.Index, key})
			}
		}
	}
	return l
}
