package usage

import (
	"strings"

	"github.com/subferry/subferry/validate"
)

func ruleValueDecimal() rule {
	return rule{Rule: validate.Rule{
		Code:     "usage_value_decimal",
		Severity: validate.Error,
		Title:    "A value has a fraction",
		Why:      "Stripe's documents said whole numbers until 2026, and some accounts and tools still expect them. What happens to a fraction is to be decided, not guessed.",
		Fix:      "Measure in a smaller unit so that values are whole, or allow fractions with --allow-decimals.",
		Bad:      "identifier,timestamp,event_name,payload_stripe_customer_id,payload_value\nuse-1,1798761600,api_calls,cus_Ada,1.5\n",
		Good:     "identifier,timestamp,event_name,payload_stripe_customer_id,payload_value\nuse-1,1798761600,api_calls,cus_Ada,2\n",
		Source:   "billing meters, values",
	}, check: func(c *check) {
		if c.problem == valueFine && strings.Contains(c.event.Value, ".") && !c.opts().AllowDecimals {
			c.Report(validate.Finding{Column: c.value.column, Message: "the value has a fraction; a whole number was expected."})
		}
	}}
}
