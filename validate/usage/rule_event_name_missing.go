package usage

import "github.com/subferry/subferry/validate"

func ruleEventNameMissing() rule {
	return rule{Rule: validate.Rule{
		Code:     "usage_event_name_missing",
		Severity: validate.Error,
		Title:    "A row names no meter",
		Why:      "event_name says which meter the usage is of.",
		Fix:      "Fill in the event name of the meter, as the meter states it.",
		Bad:      "identifier,timestamp,event_name,payload_stripe_customer_id,payload_value\nuse-1,1798761600,,cus_Ada,7\n",
		Good:     "identifier,timestamp,event_name,payload_stripe_customer_id,payload_value\nuse-1,1798761600,api_calls,cus_Ada,7\n",
		Source:   "Stripe's usage upload and meter events",
	}, check: func(c *check) {
		if c.reader.layout.eventName >= 0 && c.event.Meter == "" {
			c.Report(validate.Finding{Column: ColumnEventName, Message: "the cell is blank; the event name of a meter was expected."})
		}
	}}
}
