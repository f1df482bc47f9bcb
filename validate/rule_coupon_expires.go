package validate

import (
	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/csvspec/words"
)

func ruleCouponExpires() Rule {
	return Rule{
		Code:     "coupon_expires",
		Severity: Warning,
		Title:    "A coupon can no longer be redeemed when the row starts",
		Why:      "Whether Stripe judges a coupon when the schedule is created or when the subscription goes live is not documented. If it is the latter, the customer is charged without the discount, or not at all.",
		Fix:      "Use a coupon that can be redeemed until the row has started, or try one such row in a Stripe sandbox with a test clock.",
		Bad:      "customer,start_date,price,coupon\ncus_Ada,1801440000,price_Pro,JANUARY\n",
		Good:     "customer,start_date,price,coupon\ncus_Ada,1801440000,price_Pro,LOYAL\n",
		Source:   "Stripe API, coupons: redeem_by",
		When:     []csvspec.Field{csvspec.FieldCoupon},
		Reads:    []csvspec.Field{csvspec.FieldStartDate},
		needs:    dataCoupons,
		Check: func(c *Check) {
			coupon := c.Account().Coupons[c.Row.Coupon]
			if spent(coupon, c.v.now) == "" && !coupon.RedeemBy.IsBlank() && coupon.RedeemBy < c.Row.StartDate {
				c.Report(Finding{Column: "coupon", Message: c.words("the coupon can be redeemed until %s, but the row starts on %s.", words.Moment(coupon.RedeemBy), words.Moment(c.Row.StartDate))})
			}
		},
	}
}
