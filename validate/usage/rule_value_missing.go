package usage

import "github.com/subferry/subferry/validate"

func ruleValueMissing() rule {
	return rule{Rule: validate.Rule{
		Code:     "usage_value_missing",
		Severity: validate.Error,
		Title:    "A row has no value",
		Why:      "A meter that sums has nothing to add; Stripe reports the event as invalid later.",
		Fix:      "Fill in how much was used. Meters that count take 1.",
		Bad:      "identifier,timestamp,event_name,payload_stripe_customer_id,payload_value\nuse-1,1798761600,api_calls,cus_Ada,\n",
		Good:     "identifier,timestamp,event_name,payload_stripe_customer_id,payload_value\nuse-1,1798761600,api_calls,cus_Ada,7\n",
		Source:   "Stripe's usage upload and meter events",
	}, check: func(c *check) {
		if c.value.column != "" && c.problem == valueMissing {
			c.Report(validate.Finding{Column: c.value.column, Message: "the cell is blank; a number was expected."})
		}
	}}
}
