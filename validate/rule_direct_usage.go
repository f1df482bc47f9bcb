package validate

import (
	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/csvspec/words"
)

func ruleDirectUsage() Rule {
	return Rule{
		Code:     "direct_usage",
		Severity: Warning,
		Title:    "Usage counts from the migration on",
		Why:      "The row becomes a direct subscription that is active, not in trial, as soon as the migration runs. What is reported as used from then on is billed on the anchor, also when the subscription ends there.",
		Fix:      "Report no usage for the customer to this account before start_date; or make the row a schedule, which is in trial until the anchor, with --direct=needed.",
		Bad:      "customer,start_date,price,billing_cycle_anchor,proration_behavior\ncus_Ada,1799625600,price_Metered,1800489600,none\n",
		Good:     "customer,start_date,price,billing_cycle_anchor,proration_behavior\ncus_Ada,1799625600,price_Pro,1800489600,none\n",
		Source:   "schedules: direct subscriptions; docs.stripe.com/billing/subscriptions/usage-based: usage is billed at the end of the period",
		When:     []csvspec.Field{csvspec.FieldBillingCycleAnchor},
		Reads: []csvspec.Field{csvspec.FieldStartDate, csvspec.FieldBillingCycleAnchor, csvspec.FieldTrialEnd,
			csvspec.FieldBackdateStartDate, csvspec.FieldCancelAtPeriodEnd},
		needs: dataPrices,
		Check: func(c *Check) {
			kind := c.direct()
			if kind != directAnchored && kind != directEnding {
				return
			}
			metered := ""
			c.eachSold(func(item soldItem) {
				if item.metered && metered == "" {
					metered = item.field.Name(item.index)
				}
			})
			if metered != "" {
				c.Report(Finding{Column: metered, Message: c.words("usage from the migration on, and not only from start_date, is billed on %s.", words.Moment(c.Row.BillingCycleAnchor))})
			}
		},
	}
}
