package usage

import (
	"github.com/subferry/subferry/validate"
	"github.com/subferry/subferry/validate/dates"
)

func ruleTimestampFraction() rule {
	return rule{Rule: validate.Rule{
		Code:     "usage_timestamp_fraction",
		Severity: validate.Info,
		Title:    "Times are given in milliseconds or finer",
		Why:      "Meters count in seconds. The second in which the usage happened is sent; a period never ends within one.",
		Fix:      "Nothing has to be done.",
		Bad:      "identifier,timestamp,event_name,payload_stripe_customer_id,payload_value\nuse-1,1798761600123,api_calls,cus_Ada,7\n",
		Good:     "identifier,timestamp,event_name,payload_stripe_customer_id,payload_value\nuse-1,1798761600,api_calls,cus_Ada,7\n",
		Source:   "API reference, timestamp in seconds",
	}, check: func(c *check) {
		switch c.meaning.Kind {
		case dates.Millis, dates.Micros, dates.Nanos:
			c.reader.once("fraction", func() {
				c.Report(validate.Finding{Column: ColumnTimestamp, Message: "this is finer than seconds; " + c.event.Timestamp.String() + " is sent. Other rows like it are not listed."})
			})
		}
	}}
}
