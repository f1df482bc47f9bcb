package usage

import (
	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate"
)

func ruleColumnUnknown() rule {
	return rule{Rule: validate.Rule{
		Code:     "usage_column_unknown",
		Severity: validate.Error,
		Title:    "A column is none of a file of usage",
		Why:      "An unknown column would be left out, and with it what it says. Columns whose names begin with payload_ are dimensions of the event and are always taken.",
		Fix:      "Rename the column to one of identifier, timestamp, event_name, payload_stripe_customer_id, payload_value or payload_NAME, or remove it.",
		Bad:      "identifier,timestamp,event_name,customer,payload_value\nuse-1,1798761600,api_calls,cus_Ada,7\n",
		Good:     "identifier,timestamp,event_name,payload_stripe_customer_id,payload_value\nuse-1,1798761600,api_calls,cus_Ada,7\n",
		Source:   "Stripe's usage upload and meter events",
		Header: func(h *validate.HeaderCheck) {
			for _, c := range h.Header.Columns {
				name := csvspec.CleanName(c.Raw)
				if _, ok := kindOf(name); ok || name == "" {
					continue
				}
				f := validate.Finding{Message: "a file of usage has no such column."}
				if near := meant(name); near != "" {
					f.Message, f.Suggestion = "a file of usage has no such column; "+near+" may be meant.", near
				}
				h.Report(c.Index, f)
			}
		},
	}}
}
