package validate

import (
	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/csvspec/words"
)

func ruleTrialEndNotAfterStart() Rule {
	return Rule{
		Code:     "trial_end_not_after_start",
		Severity: Error,
		Title:    "The trial ends before the subscription starts",
		Why:      "A trial runs from the start date; one that has ended by then is none.",
		Fix:      "Clear trial_end if the customer's trial is over by start_date; otherwise write the moment after start_date at which it ends.",
		Bad:      "customer,start_date,price,trial_end\ncus_Ada,1801440000,price_Pro,1801440000\n",
		Good:     "customer,start_date,price,trial_end\ncus_Ada,1801440000,price_Pro,1801526399\n",
		Source:   "toolkit guide, column trial_end: after start_date",
		When:     []csvspec.Field{csvspec.FieldTrialEnd},
		Reads:    []csvspec.Field{csvspec.FieldStartDate, csvspec.FieldTrialEnd},
		Check: func(c *Check) {
			if r := c.Row; r.TrialEnd <= r.StartDate && !r.StartDate.IsBlank() {
				c.Report(Finding{Column: "trial_end", Message: c.words("%s is not after start_date, %s.", words.Moment(r.TrialEnd), words.Moment(r.StartDate))})
			}
		},
	}
}
