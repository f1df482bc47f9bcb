package usage

import (
	"fmt"

	"github.com/subferry/subferry/validate"
)

func ruleTimestampInFuture() rule {
	return rule{Rule: validate.Rule{
		Code:     "usage_timestamp_in_future",
		Severity: validate.Error,
		Title:    "The usage lies in the future",
		Why:      "Stripe takes events at most 5 minutes ahead, and drops later ones with an error report.",
		Fix:      "Check the clock and the zone of the program that has written the file; send the row when its time has come.",
		Bad:      "identifier,timestamp,event_name,payload_stripe_customer_id,payload_value\nuse-1,1798765200,api_calls,cus_Ada,7\n",
		Good:     "identifier,timestamp,event_name,payload_stripe_customer_id,payload_value\nuse-1,1798761600,api_calls,cus_Ada,7\n",
		Source:   "timestamp: at most 5 minutes in the future",
	}, check: func(c *check) {
		if _, latest := Window(c.Now()); c.event.Timestamp > latest {
			c.Report(validate.Finding{Column: ColumnTimestamp, Message: fmt.Sprintf("this is %s, and the latest that Stripe takes now is %s.", c.event.Timestamp, latest)})
		}
	}}
}
