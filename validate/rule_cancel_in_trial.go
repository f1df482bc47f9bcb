package validate

import "github.com/subferry/subferry/csvspec"

func ruleCancelInTrial() Rule {
	return Rule{
		Code:     "cancel_in_trial",
		Severity: Warning,
		Title:    "Nothing that the row sells will be charged",
		Why:      "A subscription that is canceled at the end of its first period, and is in trial until then, ends with the trial. Only what the customer owes from before is collected, with the trial's invoice of 0.",
		Fix:      "Keep the row if the subscription is to end with its trial; otherwise clear cancel_at_period_end.",
		Bad:      "customer,start_date,price,trial_end,cancel_at_period_end\ncus_Ada,1801440000,price_Pro,1801500000,true\n",
		Good:     "customer,start_date,price,trial_end,cancel_at_period_end\ncus_Ada,1801440000,price_Pro,1801500000,false\n",
		Source:   "schedules, case 12",
		When:     []csvspec.Field{csvspec.FieldCancelAtPeriodEnd},
		Reads:    []csvspec.Field{csvspec.FieldTrialEnd, csvspec.FieldStartDate},
		Check: func(c *Check) {
			if c.Row.TrialEnd > c.Row.StartDate {
				c.Report(Finding{Column: "cancel_at_period_end", Message: "the subscription ends when its trial ends, without a charge for what it sells." + c.debt()})
			}
		},
	}
}
