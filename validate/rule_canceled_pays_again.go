package validate

import (
	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/csvspec/words"
)

func ruleCanceledPaysAgain() Rule {
	return Rule{
		Code:     "canceled_pays_again",
		Severity: Warning,
		Title:    "A customer who has canceled is charged for one more period",
		Why:      "A subscription that was canceled in the old system is paid until the end of its period. If that end is the row's start_date, the row charges a whole period at start_date and ends only after it.",
		Fix:      "Leave the row out if the customer has paid until start_date; or let it start at go-live, less than one billing period before the end of the paid period, with that end in billing_cycle_anchor and none in proration_behavior: then it charges nothing but what the customer owes from before. Keep it only if one more period is to be paid.",
		Bad:      "customer,start_date,price,cancel_at_period_end\ncus_Ada,1801440000,price_Pro,true\n",
		Good:     adhocDates("billing_cycle_anchor", 1802649600, "proration_behavior", "none", "cancel_at_period_end", "true"),
		Source:   "schedules, cases 10 and 11; toolkit guide, use case: to be canceled at the end of the cycle",
		When:     []csvspec.Field{csvspec.FieldCancelAtPeriodEnd},
		Reads:    []csvspec.Field{csvspec.FieldStartDate, csvspec.FieldTrialEnd, csvspec.FieldBillingCycleAnchor},
		Check: func(c *Check) {
			r := c.Row
			if r.StartDate.IsBlank() || r.TrialEnd > r.StartDate || c.free() != "" {
				return
			}
			if charged, known := c.chargedAtStart(); !known {
				c.wait()
			} else if charged {
				c.Report(Finding{
					Column:  "cancel_at_period_end",
					Message: c.words("the row charges a whole period on %s and ends after it; who has canceled and paid until then pays once more.", words.Moment(r.StartDate)),
					Fix: c.words("If the customer has paid until then, leave the row out; or let it start at go-live, less than one billing period before then, with %d (the end of the paid period) in billing_cycle_anchor and none in proration_behavior: then it charges nothing but what the customer owes from before. "+
						"Keep the row if one more period is to be paid.", r.StartDate),
				})
			}
		},
	}
}

// chargedAtStart tells whether a row without a trial charges a whole period at its start. The second result is false
// while only the account could tell. Rows whose anchor is a mistake do not count.
func (c *Check) chargedAtStart() (yes, known bool) {
	anchor := c.Row.BillingCycleAnchor
	if anchor.IsBlank() || anchor == c.Row.StartDate {
		return true, true
	}
	if anchor < c.Row.StartDate {
		return false, true
	}
	end := c.firstEnd()
	if !end.known() {
		return false, !end.maybe(anchor)
	}
	return anchor == end.to, true
}
