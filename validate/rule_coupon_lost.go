package validate

import (
	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/csvspec/words"
)

func ruleCouponLost() Rule {
	return Rule{
		Code:     "coupon_lost",
		Severity: Error,
		Title:    "A coupon's months are over before the first charge of a direct subscription",
		Why:      "The months of a repeating coupon count from the day on which it is given to the subscription. A direct subscription gets it when the migration runs, and not on start_date: the customer would be charged without the discount. A backdate changes nothing of that.",
		Fix:      "Name a coupon that has as many more months as lie between the migration and the first charge; or run the row closer to start_date; or make it a schedule, whose coupon counts from start_date, with --direct=needed, where a schedule expresses the row; or clear the cell if the customer has no discount any more.",
		Bad:      "customer,start_date,price,backdate_start_date,proration_behavior,coupon\ncus_Ada,1830384000,price_Pro,1767225600,none,YEAR_ONE\n",
		Good:     "customer,start_date,price,backdate_start_date,proration_behavior,coupon\ncus_Ada,1830384000,price_Pro,1767225600,none,LOYAL\n",
		Source:   "Stripe API, discounts: start is the date that the coupon was applied; coupons: duration_in_months",
		When:     []csvspec.Field{csvspec.FieldCoupon},
		Reads: []csvspec.Field{csvspec.FieldStartDate, csvspec.FieldBillingCycleAnchor, csvspec.FieldTrialEnd,
			csvspec.FieldBackdateStartDate, csvspec.FieldCancelAtPeriodEnd},
		needs: dataCoupons,
		Check: func(c *Check) {
			if m, ok := c.couponMonths(); ok && m.lost() {
				c.Report(Finding{Column: "coupon", Message: c.words("the coupon would count from the migration on and end on %s, before the first charge on %s: it would take off nothing. From start_date on it would count for %s.",
					words.Moment(m.end), words.Moment(m.first), words.Count(m.fromStart, "charge"))})
			}
		},
	}
}
