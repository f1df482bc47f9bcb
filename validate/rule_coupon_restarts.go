package validate

import (
	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/csvspec/words"
)

func ruleCouponRestarts() Rule {
	return Rule{
		Code:     "coupon_restarts",
		Severity: Info,
		Title:    "A coupon that does not last forever begins anew",
		Why:      "What the customer has used of the discount in the old system is not known to Stripe: three months that are left become the coupon's whole length again, and a discount that was used once is given once more.",
		Fix:      "Nothing has to be done if the discount is new. Otherwise use a coupon that lasts as long as the customer's discount still has to run, or clear the cell if it is used up.",
		Bad:      "customer,start_date,price,coupon\ncus_Ada,1801440000,price_Pro,YEAR_ONE\n",
		Good:     "customer,start_date,price,coupon\ncus_Ada,1801440000,price_Pro,LOYAL\n",
		Source:   "what people who migrate suffer from: coupons lost, or their remaining duration",
		When:     []csvspec.Field{csvspec.FieldCoupon},
		needs:    dataCoupons,
		Check: func(c *Check) {
			switch coupon := c.Account().Coupons[c.Row.Coupon]; coupon.Duration {
			case "repeating":
				c.Report(Finding{Column: "coupon", Message: c.words("the coupon's %s begin anew with this subscription.", words.Count(int(coupon.DurationInMonths), "month"))})
			case "once":
				c.Report(Finding{Column: "coupon", Message: "the coupon counts once, and is used by this subscription whether or not it was used before the move."})
			}
		},
	}
}
