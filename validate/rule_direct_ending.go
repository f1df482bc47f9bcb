package validate

import (
	"strings"

	"github.com/subferry/subferry/csvspec/words"
)

func ruleDirectEnding() Rule {
	return directRule(directEnding, "billing_cycle_anchor", Rule{
		Code:  "direct_ending",
		Title: "The subscription exists and is active before its start date, and ends on its anchor",
		Why:   "The row becomes a direct subscription: active instead of trialing until it ends. Its own start date is backdate_start_date, or the day of the migration where that is blank. " + directUndo,
		Fix:   "Nothing has to be changed if that is meant. With --direct=needed the row becomes a schedule, which is in trial until it ends.",
		Bad:   strings.Replace(adhocDates("billing_cycle_anchor", 1800489600, "proration_behavior", "none", "cancel_at_period_end", "true"), "1801440000", "1799625600", 1),
		Good:  adhocDates("trial_end", 1802649600),
	}, func(c *Check) string {
		if some, _ := c.usage(); some {
			return c.words("the row becomes a direct subscription: active from the migration on, not only from start_date (%s), and ended on %s with a charge for what is used until then, and for nothing else.",
				words.Moment(c.Row.StartDate), words.Moment(c.Row.BillingCycleAnchor))
		}
		return c.words("the row becomes a direct subscription: active from the migration on, not only from start_date (%s), and ended on %s without a charge.",
			words.Moment(c.Row.StartDate), words.Moment(c.Row.BillingCycleAnchor))
	})
}
