package validate

import (
	"strings"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/csvspec/words"
)

func ruleDirectCouponUnset() Rule {
	return Rule{
		Code:     "direct_coupon_unset",
		Severity: Warning,
		Title:    "A change before the anchor would take the coupon away",
		Why:      "The row becomes a direct subscription whose billing anchor is in the future, without proration. Stripe takes the coupon off such a subscription when it is updated, whatever the update is about, and the customer is charged without the discount.",
		Fix:      "Change nothing about the subscription, in the Dashboard or by the API, until the anchor has passed. After a change migrate verify finds the lost coupon, and migrate verify --repair plans to give it back.",
		Bad:      strings.Replace(adhocDates("billing_cycle_anchor", 1800489600, "proration_behavior", "none", "coupon", "LOYAL"), "1801440000", "1799625600", 1),
		Good:     strings.Replace(adhocDates("billing_cycle_anchor", 1800489600, "proration_behavior", "none"), "1801440000", "1799625600", 1),
		Source:   "schedules, lifecycle facts: updating a subscription whose anchor is in the future with proration none unsets its coupon",
		When:     []csvspec.Field{csvspec.FieldCoupon},
		Reads: []csvspec.Field{csvspec.FieldStartDate, csvspec.FieldBillingCycleAnchor, csvspec.FieldTrialEnd,
			csvspec.FieldBackdateStartDate, csvspec.FieldCancelAtPeriodEnd},
		Check: func(c *Check) {
			switch c.direct() {
			case directAnchored:
				c.Report(Finding{Column: "coupon", Message: c.words("updating the subscription between the migration and its anchor, %s, would take the coupon off it.",
					words.Moment(c.Row.BillingCycleAnchor))})
			case directUnknown:
				c.wait()
			}
		},
	}
}
