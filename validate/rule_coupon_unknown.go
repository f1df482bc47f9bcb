package validate

import (
	"github.com/subferry/subferry/csvspec"
)

func ruleCouponUnknown() Rule {
	return Rule{
		Code:     "coupon_unknown",
		Severity: Error,
		Title:    "The account has no such coupon, or it has expired",
		Why:      "Stripe refuses coupons that it does not know or that can no longer be redeemed.",
		Fix:      "Write the ID that the coupon has in this account and mode, or create a coupon that is worth as much.",
		Bad:      "customer,start_date,price,coupon\ncus_Ada,1801440000,price_Pro,GONE\n",
		Good:     "customer,start_date,price,coupon\ncus_Ada,1801440000,price_Pro,SPRING25\n",
		Source:   "toolkit guide, column coupon; API errors resource_missing and coupon_expired",
		When:     []csvspec.Field{csvspec.FieldCoupon},
		needs:    dataCoupons,
		Check: func(c *Check) {
			coupon, ok := c.Account().Coupons[c.Row.Coupon]
			switch {
			case !ok && (oddCoupon(c.Row.Coupon) || c.foreign(c.Row.Coupon)):
				// reported as something other than a coupon
			case !ok:
				c.Report(Finding{Column: "coupon", Message: "the account has no coupon with this ID."})
			default:
				if why := spent(coupon, c.v.now); why != "" {
					c.Report(Finding{Column: "coupon", Message: why})
				}
			}
		},
	}
}
