package validate

import (
	"slices"
	"strings"

	"github.com/subferry/subferry/csvspec"
)

func ruleCouponAppliesToNothing() Rule {
	return Rule{
		Code:     "coupon_applies_to_nothing",
		Severity: Error,
		Title:    "A coupon counts for nothing that the row sells",
		Why:      "The coupon is limited to some products, and the row sells none of them: the customer would be charged without the discount.",
		Fix:      "Use a coupon that counts for the row's products, or clear the cell if there is no discount.",
		Bad:      "customer,start_date,price,coupon\ncus_Ada,1801440000,price_Pro,SETUP_ONLY\n",
		Good:     "customer,start_date,price,coupon\ncus_Ada,1801440000,price_Pro,LOYAL\n",
		Source:   "Stripe API, coupons: applies_to",
		When:     []csvspec.Field{csvspec.FieldCoupon},
		needs:    dataCoupons,
		Check: func(c *Check) {
			coupon := c.Account().Coupons[c.Row.Coupon]
			if len(coupon.Products) == 0 || spent(coupon, c.v.now) != "" {
				return
			}
			sold, match := 0, false
			c.eachProduct(func(product string) {
				sold++
				match = match || product == "" || slices.Contains(coupon.Products, product)
			})
			if sold > 0 && !match {
				c.Report(Finding{Column: "coupon", Message: c.words("the coupon counts only for %s, which the row does not sell.", strings.Join(coupon.Products, ", "))})
			}
		},
	}
}
