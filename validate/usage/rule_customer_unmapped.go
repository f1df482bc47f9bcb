package usage

import "github.com/subferry/subferry/validate"

func ruleCustomerUnmapped() rule {
	return rule{Rule: validate.Rule{
		Code:     "usage_customer_unmapped",
		Severity: validate.Error,
		Title:    "A customer is not in the map of customers",
		Why:      "The map says which customer of this account stands for one of the old system. One that is neither was not moved, or the map is of another migration.",
		Fix:      "Complete the map, or leave the row out.",
		Bad:      "identifier,timestamp,event_name,payload_stripe_customer_id,payload_value\nuse-1,1798761600,api_calls,cus_Old,7\n",
		Good:     "identifier,timestamp,event_name,payload_stripe_customer_id,payload_value\nuse-1,1798761600,api_calls,cus_Ada,7\n",
		Source:   "--customers",
	}, check: func(c *check) {
		if c.opts().Customers == nil || c.source == "" {
			return
		}
		if _, ok := c.opts().Customers[c.source]; !ok && !c.reader.isNew(c.source) {
			c.Report(validate.Finding{Column: c.customer.column, Message: "the map of customers knows this ID neither as an old nor as a new one."})
		}
	}}
}
