package usage

import "github.com/subferry/subferry/validate"

func ruleIdentifierDerived() rule {
	return rule{Rule: validate.Rule{
		Code:     "usage_identifier_derived",
		Severity: validate.Info,
		Title:    "Rows without an identifier get one that follows from their content",
		Why:      "An identifier keeps an event from being counted twice. The same row in another file gets the same one, and a row that was changed gets another.",
		Fix:      "Nothing has to be done as long as no two rows are meant to be the same.",
		Bad:      "identifier,timestamp,event_name,payload_stripe_customer_id,payload_value\n,1798761600,api_calls,cus_Ada,7\n",
		Good:     "identifier,timestamp,event_name,payload_stripe_customer_id,payload_value\nuse-1,1798761600,api_calls,cus_Ada,7\n",
		Source:   "identifier",
	}, check: func(c *check) {
		if c.event.Derived {
			c.reader.once("derived", func() {
				c.Report(validate.Finding{Column: c.column(ColumnIdentifier, c.reader.layout.identifier), Message: "the row names no identifier; " + c.event.Identifier + " follows from its content. Other rows like it are not listed."})
			})
		}
	}}
}
