package validate

import "github.com/subferry/subferry/csvspec/words"

func ruleDirectBackdated() Rule {
	return directRule(directBackdated, "backdate_start_date", Rule{
		Code:  "direct_backdated",
		Title: "The subscription exists before its start date, and keeps its original one",
		Why: "The row becomes a direct subscription, because a schedule cannot be backdated. Until start_date it is in trial, with an invoice of 0, and Stripe may send its trial-ending e-mail. " +
			directUndo,
		Fix:  "Nothing has to be changed if that is meant. With --direct=needed the row becomes a schedule, which keeps the original start date in its metadata.",
		Bad:  "customer,start_date,price,backdate_start_date,proration_behavior\ncus_Ada,1801440000,price_Pro,1767225600,none\n",
		Good: "customer,start_date,price,proration_behavior\ncus_Ada,1801440000,price_Pro,none\n",
	}, func(c *Check) string {
		if _, only := c.usage(); only {
			return c.words("the row becomes a direct subscription: in trial from the migration on, with %s as its start date, and charged at the end of each period for what is used from start_date (%s) on.",
				words.Moment(c.Row.BackdateStartDate), words.Moment(c.Row.StartDate))
		}
		return c.words("the row becomes a direct subscription: in trial from the migration on, with %s as its start date, and charged in full on start_date (%s).",
			words.Moment(c.Row.BackdateStartDate), words.Moment(c.Row.StartDate))
	})
}
