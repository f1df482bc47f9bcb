package usage

import "github.com/subferry/subferry/validate"

func ruleTimestampMissing() rule {
	return rule{Rule: validate.Rule{
		Code:     "usage_timestamp_missing",
		Severity: validate.Error,
		Title:    "A row states no time",
		Why:      "Stripe would take the moment of sending, which puts usage of the past into the wrong period.",
		Fix:      "Fill in when the usage happened.",
		Bad:      "identifier,timestamp,event_name,payload_stripe_customer_id,payload_value\nuse-1,,api_calls,cus_Ada,7\n",
		Good:     "identifier,timestamp,event_name,payload_stripe_customer_id,payload_value\nuse-1,1798761600,api_calls,cus_Ada,7\n",
		Source:   "Stripe's usage upload and meter events",
	}, check: func(c *check) {
		if c.timestamp.column != "" && c.timestamp.text == "" {
			c.Report(validate.Finding{Column: ColumnTimestamp, Message: "the cell is blank; the time of the usage was expected."})
		}
	}}
}
