package usage

import (
	"github.com/subferry/subferry/validate"
	"github.com/subferry/subferry/validate/dates"
)

func ruleTimestampUnreadable() rule {
	return rule{Rule: validate.Rule{
		Code:     "usage_timestamp_unreadable",
		Severity: validate.Error,
		Title:    "A time cannot be read",
		Why:      "When the usage happened decides in which period it is billed; a guess could be a month off.",
		Fix:      "Write Unix seconds, or a time with its zone such as 2026-12-31T23:00:00Z.",
		Bad:      "identifier,timestamp,event_name,payload_stripe_customer_id,payload_value\nuse-1,01/02/2027,api_calls,cus_Ada,7\n",
		Good:     "identifier,timestamp,event_name,payload_stripe_customer_id,payload_value\nuse-1,1798761600,api_calls,cus_Ada,7\n",
		Source:   "Stripe's usage upload and meter events",
	}, check: func(c *check) {
		if c.timestamp.text == "" || c.reader.usable(c.meaning) || c.meaning.Kind == dates.Local {
			return
		}
		why := "this is no time that can be read"
		switch c.meaning.Kind {
		case dates.Ambiguous, dates.Disordered:
			why = "this may be day first or month first"
		case dates.Serial:
			why = "this may be the number of a day, as spreadsheets keep dates"
		case dates.Scientific:
			why = "a spreadsheet has rounded this number"
		case dates.Compact:
			why = "this may be a date or a number"
		}
		c.Report(validate.Finding{Column: ColumnTimestamp, Message: why + "; Unix seconds or a time with its zone were expected."})
	}}
}
