package usage

import (
	"fmt"
	"unicode/utf8"

	"github.com/subferry/subferry/validate"
)

func ruleIdentifierTooLong() rule {
	return rule{Rule: validate.Rule{
		Code:     "usage_identifier_too_long",
		Severity: validate.Error,
		Title:    "An identifier is longer than 100 characters",
		Why:      "Stripe refuses it.",
		Fix:      "Use a shorter one that is unique, or leave the cell blank: then one is derived from the content of the row.",
		Bad:      "identifier,timestamp,event_name,payload_stripe_customer_id,payload_value\nuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu,1798761600,api_calls,cus_Ada,7\n",
		Good:     "identifier,timestamp,event_name,payload_stripe_customer_id,payload_value\nuse-1,1798761600,api_calls,cus_Ada,7\n",
		Source:   "API description, identifier",
	}, check: func(c *check) {
		if n := utf8.RuneCountInString(c.identity); n > MaxIdentifier {
			c.Report(validate.Finding{Column: ColumnIdentifier, Message: fmt.Sprintf("the identifier has %d characters; at most %d were expected.", n, MaxIdentifier)})
		}
	}}
}
