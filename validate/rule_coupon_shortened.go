package validate

import (
	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/csvspec/words"
)

func ruleCouponShortened() Rule {
	return Rule{
		Code:     "coupon_shortened",
		Severity: Warning,
		Title:    "A part of a coupon's months passes before the first charge",
		Why:      "The months of a repeating coupon count from the day on which it is given to the subscription: the start date of a schedule, or the day on which the migration runs for a direct subscription. Those that pass before the first charge discount nothing, so that the customer gets fewer charges with the discount.",
		Fix:      "Nothing has to be changed if that is meant. Otherwise name a coupon that has as many more months; or move start_date closer to the first charge, and run the migration close to it.",
		Bad:      "customer,start_date,price,backdate_start_date,proration_behavior,coupon\ncus_Ada,1814400000,price_Pro,1767225600,none,YEAR_ONE\n",
		Good:     "customer,start_date,price,backdate_start_date,proration_behavior,coupon\ncus_Ada,1814400000,price_Pro,1767225600,none,LOYAL\n",
		Source:   "Stripe API, discounts: start is the date that the coupon was applied; coupons: duration_in_months",
		When:     []csvspec.Field{csvspec.FieldCoupon},
		Reads: []csvspec.Field{csvspec.FieldStartDate, csvspec.FieldBillingCycleAnchor, csvspec.FieldTrialEnd,
			csvspec.FieldBackdateStartDate, csvspec.FieldCancelAtPeriodEnd},
		needs: dataCoupons,
		Check: func(c *Check) {
			m, ok := c.couponMonths()
			if !ok || m.lost() || m.covered >= m.whole {
				return
			}
			since := "start_date"
			if m.from != c.Row.StartDate {
				since = "the migration"
			}
			c.Report(Finding{Column: "coupon", Message: c.words("the coupon counts from %s on and ends on %s; the first charge is on %s, so that it takes something off %s instead of %d.",
				since, words.Moment(m.end), words.Moment(m.first), words.Count(m.covered, "charge"), m.whole)})
		},
	}
}
