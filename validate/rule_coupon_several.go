package validate

import (
	"strings"

	"github.com/subferry/subferry/csvspec"
)

func ruleCouponSeveral() Rule {
	return Rule{
		Code:     "coupon_several",
		Severity: Error,
		Title:    "The row names several coupons",
		Why:      "A subscription of the toolkit takes one coupon.",
		Fix:      "Keep one coupon. If the customer has several discounts, create one coupon that is worth as much.",
		Bad:      "customer,start_date,price,coupon\ncus_Ada,1801440000,price_Pro,SPRING25;LOYAL\n",
		Good:     "customer,start_date,price,coupon\ncus_Ada,1801440000,price_Pro,SPRING25\n",
		Source:   "toolkit guide, column coupon: one coupon per subscription",
		When:     []csvspec.Field{csvspec.FieldCoupon},
		Check: func(c *Check) {
			if id := c.Row.Coupon; strings.ContainsAny(id, couponSeparators) && !isDiscount(id) && !rounded(id) && !c.knowsCoupon() {
				c.Report(Finding{Column: "coupon", Message: "one coupon ID was expected; this looks like several."})
			}
		},
	}
}
