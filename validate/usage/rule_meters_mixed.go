package usage

import (
	"fmt"

	"github.com/subferry/subferry/validate"
)

func ruleMetersMixed() rule {
	return rule{Rule: validate.Rule{
		Code:     "usage_meters_mixed",
		Severity: validate.Info,
		Title:    "The file has events of several meters",
		Why:      "They are sent together. Each meter sums up by itself.",
		Fix:      "Check that it is meant; a typing mistake in an event name makes a meter of its own.",
		Bad:      "identifier,timestamp,event_name,payload_stripe_customer_id,payload_value\nuse-1,1798761600,api_calls,cus_Ada,7\nuse-2,1798761660,api_cals,cus_Ada,9\n",
		Good:     "identifier,timestamp,event_name,payload_stripe_customer_id,payload_value\nuse-1,1798761600,api_calls,cus_Ada,7\n",
		Source:   "event_name",
	}, check: func(c *check) {
		if c.event.Meter == "" {
			return
		}
		if _, known := c.reader.meters[c.event.Meter]; !known {
			c.reader.meters[c.event.Meter] = c.event.Line
			if len(c.reader.meters) > 1 {
				c.Report(validate.Finding{Column: ColumnEventName, Message: fmt.Sprintf("this is the event name number %d of the file, and stands here for the first time.", len(c.reader.meters))})
			}
		}
	}}
}
