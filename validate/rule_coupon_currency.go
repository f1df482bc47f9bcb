package validate

import "github.com/subferry/subferry/csvspec"

func ruleCouponCurrency() Rule {
	return Rule{
		Code:     "coupon_currency",
		Severity: Error,
		Title:    "A coupon takes off an amount in another currency than the row's",
		Why:      "Stripe refuses a coupon over an amount of money for a subscription that is charged in another currency. Percentages have none.",
		Fix:      "Use a coupon in the currency of the row, or one over a percentage.",
		Bad:      "customer,start_date,price,currency,coupon\ncus_Ada,1801440000,price_Pro,eur,FIVE_USD\n",
		Good:     "customer,start_date,price,currency,coupon\ncus_Ada,1801440000,price_Pro,usd,FIVE_USD\n",
		Source:   "Stripe API, coupons: currency of amount_off",
		When:     []csvspec.Field{csvspec.FieldCoupon},
		needs:    dataCoupons,
		Check: func(c *Check) {
			coupon, row := c.Account().Coupons[c.Row.Coupon], c.charged()
			if coupon.Currency == "" || row == "" || row == coupon.Currency {
				return
			}
			if _, ok := coupon.AmountsOff[row]; !ok {
				c.Report(Finding{Column: "coupon", Message: c.words("the coupon takes off %s, but the row is charged in %s.",
					csvspec.Money{Minor: coupon.AmountOff, Currency: coupon.Currency}, row)})
			}
		},
	}
}
