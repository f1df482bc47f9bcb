package usage

import (
	"fmt"

	"github.com/subferry/subferry/validate"
)

func ruleTimestampTooOld() rule {
	return rule{Rule: validate.Rule{
		Code:     "usage_timestamp_too_old",
		Severity: validate.Error,
		Title:    "The usage lies more than 35 days back",
		Why:      "Stripe drops such events, and says so later in an error report only. A period that is invoiced cannot be changed any more anyway.",
		Fix:      "Leave the row out, and settle it with an invoice item or a credit.",
		Bad:      "identifier,timestamp,event_name,payload_stripe_customer_id,payload_value\nuse-1,1790000000,api_calls,cus_Ada,7\n",
		Good:     "identifier,timestamp,event_name,payload_stripe_customer_id,payload_value\nuse-1,1798761600,api_calls,cus_Ada,7\n",
		Source:   "timestamp: at most 35 days in the past",
	}, check: func(c *check) {
		if earliest, _ := Window(c.Now()); c.event.Timestamp != 0 && c.event.Timestamp < earliest && !c.sentBefore() {
			c.Report(validate.Finding{Column: ColumnTimestamp, Message: fmt.Sprintf("this is %s, and the earliest that Stripe takes now is %s.", c.event.Timestamp, earliest)})
		}
	}}
}
