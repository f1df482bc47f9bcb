package usage

import (
	"fmt"

	"github.com/subferry/subferry/validate"
)

func ruleValueUnreadable() rule {
	return rule{Rule: validate.Rule{
		Code:     "usage_value_unreadable",
		Severity: validate.Error,
		Title:    "A value is no number",
		Why:      "1,234 may be one thousand or one and a bit; what is billed must not be guessed.",
		Fix:      "Write plain digits without separators of thousands, such as 1234.",
		Bad:      "identifier,timestamp,event_name,payload_stripe_customer_id,payload_value\nuse-1,1798761600,api_calls,cus_Ada,\"1,234\"\n",
		Good:     "identifier,timestamp,event_name,payload_stripe_customer_id,payload_value\nuse-1,1798761600,api_calls,cus_Ada,1234\n",
		Source:   "Stripe's usage upload and meter events",
	}, check: func(c *check) {
		switch c.problem {
		case valueUnreadable:
			c.Report(validate.Finding{Column: c.value.column, Message: "this is no plain number; digits without separators or a unit were expected."})
		case valueLong:
			c.Report(validate.Finding{Column: c.value.column, Fix: "Divide the usage into several events, or measure it in a larger unit.",
				Message: fmt.Sprintf("the number has more than %d digits, which Stripe's answers cannot show exactly.", mostDigits)})
		}
	}}
}
