package validate

import (
	"strings"

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
			case discount(id):
				c.Report(Finding{Column: "coupon", Message: "the ID of a coupon was expected; this looks like the discount itself.",
					Fix: "Write the ID of the coupon that gives this discount; if there is none, create it in Stripe first."})
			case idKind(id) != "" || isPlaceholder(id):
				c.Report(Finding{Column: "coupon", Message: "the ID of a coupon was expected." + c.hint("coupon", id)})
			}
		},
	}
}

// knowsCoupon tells whether the account is known to have the row's coupon, so that no look at its ID says more.
func (c *Check) knowsCoupon() bool {
	return c.v.known&factCoupons != 0 && has(c.Account().Coupons, c.Row.Coupon)
}

// discount tells whether the text is a percentage or an amount: 10%, 10% off, 0.1 or $5. A whole number alone may be
// the ID of a coupon, and so may 10OFF.
func discount(text string) bool {
	const signs = "%$€£.,"
	if !strings.ContainsAny(text, signs) {
		return false
	}
	digits := strings.Trim(strings.TrimSuffix(strings.ToLower(text), "off"), "- "+signs)
	return digits != "" && strings.Trim(digits, "0123456789.,") == ""
}

// oddCoupon tells whether the text is reported as something other than the ID of one coupon.
func oddCoupon(id string) bool {
	return idKind(id) != "" || isPlaceholder(id) || rounded(id) || discount(id) || strings.ContainsAny(id, couponSeparators)
}
