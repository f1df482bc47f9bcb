package usage

import (
	"strings"

	"github.com/subferry/subferry/validate"
)

func ruleValueNegative() rule {
	return rule{Rule: validate.Rule{
		Code:     "usage_value_negative",
		Severity: validate.Warning,
		Title:    "A value is negative",
		Why:      "It corrects usage that was sent before. A period whose sum is below 0 counts as 0: nothing is paid back.",
		Fix:      "Check that it is meant as a correction within the same period.",
		Bad:      "identifier,timestamp,event_name,payload_stripe_customer_id,payload_value\nuse-1,1798761600,api_calls,cus_Ada,-3\n",
		Good:     "identifier,timestamp,event_name,payload_stripe_customer_id,payload_value\nuse-1,1798761600,api_calls,cus_Ada,3\n",
		Source:   "billing meters, negative values",
	}, check: func(c *check) {
		if strings.HasPrefix(c.event.Value, "-") {
			c.Report(validate.Finding{Column: c.value.column, Message: "the value is negative: it is taken off the usage of its period, down to 0."})
		}
	}}
}
