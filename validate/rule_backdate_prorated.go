package validate

import "github.com/subferry/subferry/csvspec"

func ruleBackdateProrated() Rule {
	return Rule{
		Code:     "backdate_prorated",
		Severity: Error,
		Title:    "A backdated row does not say proration none",
		Why:      "With prorations the customer would be charged for the time since the original start. The default is to prorate, so none has to be written out.",
		Fix:      "Write none into proration_behavior, or clear backdate_start_date.",
		Bad:      "customer,start_date,price,backdate_start_date,proration_behavior\ncus_Ada,1801440000,price_Pro,1767225600,create_prorations\n",
		Good:     "customer,start_date,price,proration_behavior\ncus_Ada,1801440000,price_Pro,none\n",
		Source:   "toolkit guide, column backdate_start_date; schedules, case 9",
		When:     []csvspec.Field{csvspec.FieldBackdateStartDate},
		Check: func(c *Check) {
			if none, clear := c.proration(); clear && !none {
				c.Report(Finding{Column: "proration_behavior", Message: c.prorationInWords() + ", but a row with backdate_start_date needs none.", Suggestion: "none"})
			}
		},
	}
}
