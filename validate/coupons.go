package validate

import (
	"fmt"
	"strings"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/csvspec/words"
	"github.com/subferry/subferry/validate/account"
)

// couponSeparators are what people put between several coupons.
const couponSeparators = ",;| \n"

// knowsCoupon tells whether the account is known to have the row's coupon, so that no look at its ID says more.
func (c *Check) knowsCoupon() bool {
	return c.v.known&dataCoupons != 0 && has(c.Account().Coupons, c.Row.Coupon)
}

// isDiscount tells whether the text is a percentage or an amount: 10%, 10% off, 0.1 or $5. A whole number alone may be
// the ID of a coupon, and so may 10OFF.
func isDiscount(text string) bool {
	const signs = "%$€£.,"
	if !strings.ContainsAny(text, signs) {
		return false
	}
	digits := strings.Trim(strings.TrimSuffix(strings.ToLower(text), "off"), "- "+signs)
	return digits != "" && strings.Trim(digits, "0123456789.,") == ""
}

// oddCoupon tells whether the text is reported as something other than the ID of one coupon.
func oddCoupon(id string) bool {
	return idKind(id) != "" || isPlaceholder(id) || rounded(id) || isDiscount(id) || strings.ContainsAny(id, couponSeparators)
}

// spent says in a sentence why the coupon can no longer be redeemed; "" when it can.
func spent(c account.Coupon, now csvspec.Timestamp) string {
	switch {
	case c.MaxRedemptions > 0 && c.TimesRedeemed >= c.MaxRedemptions:
		return fmt.Sprintf("the coupon can no longer be redeemed: it has been %s, which is all that it can be.", words.Count(int(c.TimesRedeemed), "time"))
	case !c.RedeemBy.IsBlank() && c.RedeemBy < now:
		return fmt.Sprintf("the coupon can no longer be redeemed: it could be until %s.", words.Moment(c.RedeemBy))
	case !c.Valid:
		return "the coupon can no longer be redeemed."
	}
	return ""
}

// discount returns the coupon that counts for the row: its own, or else its customer's.
func (c *Check) discount() (account.Coupon, bool) {
	if id := c.Row.Coupon; id != "" {
		if c.v.known&dataCoupons == 0 {
			return account.Coupon{}, false
		}
		coupon, ok := c.Account().Coupons[id]
		return coupon, ok
	}
	if c.v.known&dataCustomers == 0 {
		return account.Coupon{}, false
	}
	own := c.Account().Customers[c.Row.Customer].Discount
	if own == nil || !own.End.IsBlank() {
		return account.Coupon{}, false // one that ends is not counted on
	}
	return own.Coupon, true
}
