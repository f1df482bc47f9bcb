package usage

import (
	"fmt"

	"github.com/subferry/subferry/validate"
)

func ruleMeterPayload() rule {
	return rule{Rule: validate.Rule{
		Code:     "usage_meter_payload",
		Severity: validate.Error,
		Title:    "The file lacks a column that the meter reads",
		Why:      "A meter says under which keys of the payload it finds customer and value.",
		Fix:      "Name the column as the meter does.",
		Bad:      "payload_value for a meter that reads bytes_used",
		Good:     "payload_bytes_used for a meter that reads bytes_used",
		Source:   "--online: meters of the account",
	}, check: func(c *check) {
		if c.known == nil {
			return
		}
		for _, wanted := range []struct{ key, have, what string }{
			{c.known.CustomerKey, c.customer.column, "customer"}, {c.known.ValueKey, c.value.column, "value"},
		} {
			if wanted.have == "" {
				c.Report(validate.Finding{Message: fmt.Sprintf("the meter %s finds the %s in a column %s, which the file lacks.", c.known.ID, wanted.what, PayloadPrefix+wanted.key)})
			}
		}
	}}
}
