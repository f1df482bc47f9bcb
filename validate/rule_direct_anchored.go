package validate

import (
	"strings"

	"github.com/subferry/subferry/csvspec/words"
)

func ruleDirectAnchored() Rule {
	return directRule(directAnchored, "billing_cycle_anchor", Rule{
		Code:  "direct_anchored",
		Title: "The subscription exists and is active before its start date",
		Why: "The row becomes a direct subscription, because a schedule takes no anchor: active instead of trialing, without the e-mails of a trial. Its own start date is backdate_start_date, or the day of the migration where that is blank. " +
			directUndo,
		Fix:  "Nothing has to be changed if that is meant. With --direct=needed the row becomes a schedule, which is in trial until the anchor.",
		Bad:  strings.Replace(adhocDates("billing_cycle_anchor", 1800489600, "proration_behavior", "none"), "1801440000", "1799625600", 1),
		Good: adhocDates("trial_end", 1802649600),
	}, func(c *Check) string {
		return c.words("the row becomes a direct subscription: active from the migration on, not only from start_date (%s), and charged for the first time on %s.",
			words.Moment(c.Row.StartDate), words.Moment(c.Row.BillingCycleAnchor))
	})
}
