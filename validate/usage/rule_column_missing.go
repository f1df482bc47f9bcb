package usage

import (
	"slices"

	"github.com/subferry/subferry/validate"
)

func ruleColumnMissing() rule {
	return rule{Rule: validate.Rule{
		Code:     "usage_column_missing",
		Severity: validate.Error,
		Title:    "A column that every event needs is missing",
		Why:      "Without timestamp Stripe would take the moment of sending, which puts usage into the wrong period; without the others nobody can be billed.",
		Fix:      "Add the column. `migrate usage template` prints all of them.",
		Bad:      "identifier,event_name,payload_stripe_customer_id,payload_value\nuse-1,api_calls,cus_Ada,7\n",
		Good:     "identifier,timestamp,event_name,payload_stripe_customer_id,payload_value\nuse-1,1798761600,api_calls,cus_Ada,7\n",
		Source:   "Stripe's usage upload and meter events",
		Header: func(h *validate.HeaderCheck) {
			if h.Header.Source() == nil {
				return // an empty file, of which that is said
			}
			l := layoutOf(h.Header)
			for _, column := range []struct {
				name string
				at   int
			}{{ColumnTimestamp, l.timestamp}, {ColumnEventName, l.eventName}} {
				if column.at < 0 {
					h.Report(-1, validate.Finding{Column: column.name, Message: "the file has no column " + column.name + "."})
				}
			}
			for _, key := range []string{DefaultCustomerKey, DefaultValueKey} {
				found := slices.ContainsFunc(l.payload, func(c payloadColumn) bool { return c.key == key })
				if !found && len(l.payload) < 2 { // with two others, a meter may name its own keys
					h.Report(-1, validate.Finding{Column: PayloadPrefix + key, Message: "the file has no column " + PayloadPrefix + key + "."})
				}
			}
		},
	}}
}
