package usage

import (
	"fmt"

	"github.com/subferry/subferry/validate"
)

func ruleIdentifierDuplicate() rule {
	return rule{Rule: validate.Rule{
		Code:     "usage_identifier_duplicate",
		Severity: validate.Error,
		Title:    "Two rows have the same identifier",
		Why:      "Stripe counts the first of them and drops the other. For rows without identifiers: their contents are the same, so that they cannot be told apart.",
		Fix:      "Give each row an identifier of its own, or remove the row that stands there twice.",
		Bad:      "identifier,timestamp,event_name,payload_stripe_customer_id,payload_value\nuse-1,1798761600,api_calls,cus_Ada,7\nuse-1,1798761660,api_calls,cus_Ada,9\n",
		Good:     "identifier,timestamp,event_name,payload_stripe_customer_id,payload_value\nuse-1,1798761600,api_calls,cus_Ada,7\nuse-2,1798761660,api_calls,cus_Ada,9\n",
		Source:   "identifier: unique",
	}, check: func(c *check) {
		id := c.event.Identifier
		earlier, again := c.reader.seen[id]
		if !again {
			c.reader.seen[id] = first{c.event.Line, c.event.Derived}
			return
		}
		f := validate.Finding{Column: c.column(ColumnIdentifier, c.reader.layout.identifier), Message: fmt.Sprintf("line %d has the same identifier.", earlier.line)}
		if c.event.Derived && earlier.derived {
			f.Message = fmt.Sprintf("line %d says the same, and neither has an identifier.", earlier.line)
		}
		c.Report(f)
	}}
}
