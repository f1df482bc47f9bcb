package validate

import (
	"github.com/subferry/subferry/csvspec"
)

func ruleCouponNotAnID() Rule {
	return Rule{
		Code:     "coupon_not_an_id",
		Severity: Error,
		Title:    "The coupon is the ID of something else",
		Why:      "A promotion code is not the coupon behind it, nor is a percentage, and a shifted row may have put anything here.",
		Fix:      "Write the ID of the coupon, or leave the cell blank. For a promotion code, write the ID of the coupon it belongs to.",
		Bad:      "customer,start_date,price,coupon\ncus_Ada,1801440000,price_Pro,promo_Spring\n",
		Good:     "customer,start_date,price,coupon\ncus_Ada,1801440000,price_Pro,SPRING25\n",
		Source:   "toolkit guide, column coupon: coupon ID, free-form",
		When:     []csvspec.Field{csvspec.FieldCoupon},
		Check: func(c *Check) {
			switch id := c.Row.Coupon; {
			case c.knowsCoupon(), rounded(id):
			case isDiscount(id):
				c.Report(Finding{Column: "coupon", Message: "the ID of a coupon was expected; this looks like the discount itself.",
					Fix: "Write the ID of the coupon that gives this discount; if there is none, create it in Stripe first."})
			case idKind(id) != "" || isPlaceholder(id):
				c.Report(Finding{Column: "coupon", Message: "the ID of a coupon was expected." + c.hint("coupon", id)})
			}
		},
	}
}
