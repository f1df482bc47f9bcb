package validate

import "github.com/subferry/subferry/csvspec"

func ruleProrationBlank() Rule {
	return Rule{
		Code:     "proration_blank",
		Severity: Warning,
		Title:    "Proration is left blank next to an anchor",
		Why:      "Blank means create_prorations. With an anchor inside the first period the row could not be migrated that way; how long the period is only the account can tell.",
		Fix:      "Migrate with --direct if the part until the anchor is to be charged. Write none into proration_behavior if the customer has paid until the anchor.",
		Bad:      "customer,start_date,price,billing_cycle_anchor\ncus_Ada,1801440000,price_Pro,1802649600\n",
		Good:     "customer,start_date,price,billing_cycle_anchor,proration_behavior\ncus_Ada,1801440000,price_Pro,1802649600,none\n",
		Source:   "schedules, case 6; advice on surprise prorations",
		When:     []csvspec.Field{csvspec.FieldBillingCycleAnchor},
		Reads:    []csvspec.Field{csvspec.FieldStartDate, csvspec.FieldBillingCycleAnchor, csvspec.FieldTrialEnd, csvspec.FieldBackdateStartDate},
		Check: func(c *Check) {
			r := c.Row
			if c.v.opts.Direct != DirectNever || r.ProrationBehavior != "" || !r.TrialEnd.IsBlank() || !r.BackdateStartDate.IsBlank() || c.begun() || r.BillingCycleAnchor <= r.StartDate {
				return
			}
			if end := c.firstEnd(); !end.known() && end.maybe(r.BillingCycleAnchor) {
				c.Report(Finding{Column: "proration_behavior", Message: "proration_behavior is blank, which means create_prorations, next to an anchor."})
			}
		},
	}
}
