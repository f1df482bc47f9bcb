package validate

import "github.com/subferry/subferry/csvspec"

func ruleCouponReplacesDiscount() Rule {
	return Rule{
		Code:     "coupon_replaces_discount",
		Severity: Warning,
		Title:    "The row's coupon replaces the customer's own discount",
		Why:      "A customer's discount counts for subscriptions that have none of their own. With a coupon on the row it does not count: the two are not added.",
		Fix:      "Keep the coupon if it is to count instead; clear the cell if the customer's own discount is to count; or use a coupon that is worth both.",
		Bad:      "customer,start_date,price,coupon\ncus_Loyal,1801440000,price_Pro,SPRING25\n",
		Good:     "customer,start_date,price,coupon\ncus_Loyal,1801440000,price_Pro,\n",
		Source:   "coupons guide: a discount of the subscription replaces the customer's",
		When:     []csvspec.Field{csvspec.FieldCoupon},
		needs:    dataCustomers,
		Check: func(c *Check) {
			own := c.Account().Customers[c.Row.Customer].Discount
			if own == nil || own.Coupon.ID == c.Row.Coupon || !own.End.IsBlank() && own.End <= c.Row.StartDate {
				return
			}
			c.Report(Finding{Column: "coupon", Message: c.words("the customer has a discount of their own (%s), which does not count beside this coupon.", own.Coupon.ID)})
		},
	}
}
