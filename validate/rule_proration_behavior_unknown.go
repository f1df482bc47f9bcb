package validate

import "github.com/subferry/subferry/csvspec"

func ruleProrationBehaviorUnknown() Rule {
	return Rule{
		Code:     "proration_behavior_unknown",
		Severity: Error,
		Title:    "The proration behavior is not create_prorations or none",
		Why:      "What is not understood here decides whether the customer is charged for part of a period.",
		Fix:      "Write none, so that nothing is charged for part of a period, or create_prorations. A blank cell means create_prorations.",
		Bad:      "customer,start_date,price,proration_behavior\ncus_Ada,1801440000,price_Pro,always_invoice\n",
		Good:     "customer,start_date,price,proration_behavior\ncus_Ada,1801440000,price_Pro,none\n",
		Source:   "toolkit guide, column proration_behavior; always_invoice exists in the API only",
		When:     []csvspec.Field{csvspec.FieldProrationBehavior},
		onlyIf:   hasOddMethod,
		Check: func(c *Check) {
			p := c.Row.ProrationBehavior
			if _, clear := c.proration(); clear {
				return
			}
			if p == "always_invoice" {
				c.Report(Finding{Column: "proration_behavior", Message: "always_invoice exists in Stripe's API, but not in the toolkit's files; create_prorations or none was expected."})
				return
			}
			c.reportChoice("proration_behavior", p, "create_prorations", "none")
		},
	}
}
