package usage

import "github.com/subferry/subferry/validate"

func ruleCustomerMissing() rule {
	return rule{Rule: validate.Rule{
		Code:     "usage_customer_missing",
		Severity: validate.Error,
		Title:    "A row names no customer",
		Why:      "Nobody would be billed for it: Stripe reports meter_event_no_customer_defined later.",
		Fix:      "Fill in the customer's ID.",
		Bad:      "identifier,timestamp,event_name,payload_stripe_customer_id,payload_value\nuse-1,1798761600,api_calls,,7\n",
		Good:     "identifier,timestamp,event_name,payload_stripe_customer_id,payload_value\nuse-1,1798761600,api_calls,cus_Ada,7\n",
		Source:   "Stripe's usage upload and meter events",
	}, check: func(c *check) {
		if c.customer.column != "" && c.source == "" {
			c.Report(validate.Finding{Column: c.customer.column, Message: "the cell is blank; the ID of a customer was expected."})
		}
	}}
}
