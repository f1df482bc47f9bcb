package usage

import (
	"fmt"

	"github.com/subferry/subferry/validate"
)

func ruleIdentifierTaken() rule {
	return rule{Rule: validate.Rule{
		Code:     "usage_identifier_taken",
		Severity: validate.Error,
		Title:    "Another event was sent under this identifier before",
		Why:      "This computer's ledger knows an event with the same identifier and another content. Within a day Stripe would drop this one; later it would count both.",
		Fix:      "Give the row an identifier of its own if it is other usage. To correct what was sent, retract that within 24 hours, or send a row with the difference.",
		Bad:      "an identifier under which another file has sent something else",
		Good:     "an identifier of its own",
		Source:   "ledger",
	}, check: func(c *check) {
		if c.opts().Sent == nil || c.event.Timestamp == 0 || c.problem != valueFine {
			return
		}
		if e := c.opts().Sent(&c.event); e != nil && !e.Same {
			c.Report(validate.Finding{Column: c.column(ColumnIdentifier, c.reader.layout.identifier), Message: fmt.Sprintf("%s has sent another event under this identifier, in its row %d.", e.Run, e.Row)})
		}
	}}
}
