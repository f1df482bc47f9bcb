package usage

import (
	"strings"

	"github.com/subferry/subferry/validate"
)

func ruleCustomerNotAnID() rule {
	return rule{Rule: validate.Rule{
		Code:     "usage_customer_not_an_id",
		Severity: validate.Error,
		Title:    "A customer is not an ID of Stripe",
		Why:      "Meters find customers by their IDs (cus_…). An e-mail address or a number of one's own is dropped, with an error report later.",
		Fix:      "Write the ID of the customer in Stripe, or give a map of old to new IDs with --customers.",
		Bad:      "identifier,timestamp,event_name,payload_stripe_customer_id,payload_value\nuse-1,1798761600,api_calls,ada@example.com,7\n",
		Good:     "identifier,timestamp,event_name,payload_stripe_customer_id,payload_value\nuse-1,1798761600,api_calls,cus_Ada,7\n",
		Source:   "meters map customers by_id",
	}, check: func(c *check) {
		id := c.event.Customer
		if rest, ok := strings.CutPrefix(id, "cus_"); id != "" && (!ok || rest == "" || strings.ContainsAny(rest, " \t/@")) && !c.unmapped() {
			c.Report(validate.Finding{Column: c.customer.column, Message: "this is no ID of a customer; one such as cus_… was expected."})
		}
	}}
}
