package validate

import "github.com/subferry/subferry/csvspec"

func ruleCouponNotAnID() Rule {
	return Rule{
		Code:     "coupon_not_an_id",
		Severity: Error,
		Title:    "The coupon is the ID of something else",
		Why:      "A promotion code is not the coupon behind it, and a shifted row may have put anything here.",
		Fix:      "Write the ID of the coupon, or leave the cell blank. For a promotion code, write the ID of the coupon it belongs to.",
		Bad:      "customer,start_date,price,coupon\ncus_Ada,1801440000,price_Pro,promo_Spring\n",
		Good:     "customer,start_date,price,coupon\ncus_Ada,1801440000,price_Pro,SPRING25\n",
		Source:   "toolkit guide, column coupon: coupon ID, free-form",
		When:     []csvspec.Field{csvspec.FieldCoupon},
		Check: func(c *Check) {
			if idKind(c.Row.Coupon) != "" || isPlaceholder(c.Row.Coupon) {
				c.Report(Finding{Column: "coupon", Message: "the ID of a coupon was expected." + c.guess("coupon", c.Row.Coupon)})
			}
		},
	}
}
