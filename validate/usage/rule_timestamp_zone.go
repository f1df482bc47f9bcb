package usage

import (
	"github.com/subferry/subferry/validate"
	"github.com/subferry/subferry/validate/dates"
)

func ruleTimestampZone() rule {
	return rule{Rule: validate.Rule{
		Code:     "usage_timestamp_zone",
		Severity: validate.Error,
		Title:    "A date or time states no time zone",
		Why:      "Midnight is another moment in every zone, and usage near the end of a period would be billed in the wrong one.",
		Fix:      "Say the zone of all such times with --dates ZONE (--dates UTC, --dates Europe/Berlin), or write it behind each time.",
		Bad:      "identifier,timestamp,event_name,payload_stripe_customer_id,payload_value\nuse-1,2027-01-01,api_calls,cus_Ada,7\n",
		Good:     "identifier,timestamp,event_name,payload_stripe_customer_id,payload_value\nuse-1,2027-01-01T00:00:00Z,api_calls,cus_Ada,7\n",
		Source:   "Stripe's usage upload and meter events",
	}, check: func(c *check) {
		if c.meaning.Kind != dates.Local || c.reader.usable(c.meaning) {
			return
		}
		if c.opts().Zone != nil {
			c.Report(validate.Finding{Column: ColumnTimestamp, Fix: "Write the time in UTC, with Z behind it.",
				Message: "the clocks of " + c.opts().Zone.String() + " show this time twice or never, when summer time begins or ends."})
			return
		}
		c.Report(validate.Finding{Column: ColumnTimestamp, Message: "the time states no zone; one such as 2026-12-31T23:00:00Z, or Unix seconds, was expected."})
	}}
}
