package validate

import "github.com/subferry/subferry/csvspec"

func ruleCouponInTrial() Rule {
	return Rule{
		Code:     "coupon_in_trial",
		Severity: Warning,
		Title:    "A coupon starts in a free period",
		Why:      "The free period has an invoice of 0. Whether that invoice uses up a coupon that is valid once is not documented.",
		Fix:      "Try one such row in a Stripe sandbox with a test clock and see which invoice carries the discount. A coupon that is valid forever, or for months, is not used up by an invoice.",
		Bad:      "customer,start_date,price,trial_end,coupon\ncus_Ada,1801440000,price_Pro,1801500000,SPRING25\n",
		Good:     "customer,start_date,price,coupon\ncus_Ada,1801440000,price_Pro,SPRING25\n",
		Source:   "schedules, case 13",
		When:     []csvspec.Field{csvspec.FieldCoupon},
		Reads:    []csvspec.Field{csvspec.FieldTrialEnd, csvspec.FieldStartDate, csvspec.FieldBillingCycleAnchor},
		Check: func(c *Check) {
			if c.v.known&dataCoupons != 0 {
				if d := c.Account().Coupons[c.Row.Coupon].Duration; d == "forever" || d == "repeating" {
					return // for the months of one there are rules of their own
				}
			}
			free, known := c.bridged()
			kind := c.direct()
			switch {
			case kind == directAnchored, kind == directEnding: // which have no invoice before the anchor
			case kind == directProrated, kind == directBackdated:
				c.Report(Finding{Column: "coupon", Message: "the subscription begins with an invoice of 0 when the migration runs; a coupon that is valid once may be used up by it."})
			case free || c.Row.TrialEnd > c.Row.StartDate:
				c.Report(Finding{Column: "coupon", Message: "the subscription begins with a free period; a coupon that is valid once may be used up by its invoice of 0."})
			case !known || kind == directUnknown:
				c.wait()
			}
		},
	}
}
