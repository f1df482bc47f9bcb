package validate

import "github.com/subferry/subferry/csvspec/words"

func ruleDirectProrated() Rule {
	return directRule(directProrated, "billing_cycle_anchor", Rule{
		Code:  "direct_prorated",
		Title: "The subscription exists before its start date, and is charged for part of a period on it",
		Why: "The row becomes a direct subscription, because a schedule cannot charge for the part of a period before an anchor. Until start_date it is in trial, with an invoice of 0, and Stripe may send its trial-ending e-mail. " +
			directUndo,
		Fix:  "Nothing has to be changed if that is meant. If the customer has paid until the anchor, write none into proration_behavior.",
		Bad:  adhocDates("billing_cycle_anchor", 1802649600),
		Good: adhocDates("trial_end", 1802649600),
	}, func(c *Check) string {
		if _, only := c.usage(); only {
			return c.words("the row becomes a direct subscription: in trial from the migration on, charged nothing on start_date (%s), and on %s for what is used between the two.",
				words.Moment(c.Row.StartDate), words.Moment(c.Row.BillingCycleAnchor))
		}
		return c.words("the row becomes a direct subscription: in trial from the migration on, charged for the time until the anchor on start_date (%s), and in full on %s.",
			words.Moment(c.Row.StartDate), words.Moment(c.Row.BillingCycleAnchor))
	})
}
