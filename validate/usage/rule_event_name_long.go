package usage

import (
	"fmt"
	"unicode/utf8"

	"github.com/subferry/subferry/validate"
)

func ruleEventNameLong() rule {
	return rule{Rule: validate.Rule{
		Code:     "usage_event_name_long",
		Severity: validate.Error,
		Title:    "An event name is longer than 100 characters",
		Why:      "Stripe's meters have names of at most 100 characters, so that this is none of them.",
		Fix:      "Use the event name of a meter.",
		Bad:      "identifier,timestamp,event_name,payload_stripe_customer_id,payload_value\nuse-1,1798761600,xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx,cus_Ada,7\n",
		Good:     "identifier,timestamp,event_name,payload_stripe_customer_id,payload_value\nuse-1,1798761600,api_calls,cus_Ada,7\n",
		Source:   "API description, event_name",
	}, check: func(c *check) {
		if n := utf8.RuneCountInString(c.event.Meter); n > 100 {
			c.Report(validate.Finding{Column: ColumnEventName, Message: fmt.Sprintf("the event name has %d characters; at most 100 were expected.", n)})
		}
	}}
}
