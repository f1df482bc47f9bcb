package validate

import (
	"fmt"
	"sort"
	"strings"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/csvspec/words"
	"github.com/subferry/subferry/validate/account"
	"github.com/subferry/subferry/validate/period"
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

// couponMonths says for how many charges the months of a repeating coupon last on a row that is not charged at once.
// They count from the day on which the coupon is given to the subscription (Stripe API, discount: start is the "date that
// the coupon was applied", and end follows from it), whatever the subscription's own start date is said to be.
type couponMonths struct {
	from, end csvspec.Timestamp // of the discount: from the migration on for a direct subscription, else from start_date
	first     csvspec.Timestamp // the first charge that there may be something to discount on
	covered   int               // charges from first on and before end
	fromStart int               // those that there would be before end if it counted from start_date, as in a schedule
	whole     int               // those that there would be if it counted from the first charge
}

// lost tells whether the discount has ended before the first charge only because the subscription exists so early.
func (m couponMonths) lost() bool { return m.covered == 0 && m.fromStart > 0 }

// couponMonths returns that of the row; false when its coupon has no months, when nothing is free in front of its first
// charge, when it is never charged, and while only the account could tell, for which the rule waits.
func (c *Check) couponMonths() (m couponMonths, ok bool) {
	r := c.Row
	coupon := c.Account().Coupons[r.Coupon]
	if coupon.Duration != "repeating" || coupon.DurationInMonths <= 0 || spent(coupon, c.v.now) != "" || c.begun() || c.trialTooLate() {
		return m, false
	}
	kind := c.direct()
	free, known := c.bridged()
	cycle, billed := c.cycle()
	if kind == directUnknown || !known || !billed {
		c.wait()
		return m, false
	}
	m.from, m.first = r.StartDate, r.StartDate
	switch {
	case kind == directEnding, kind == notDirect && bool(r.CancelAtPeriodEnd):
		return m, false
	case kind == directAnchored, kind == notDirect && free:
		m.first = r.BillingCycleAnchor
	case kind == notDirect:
		m.first = max(r.StartDate, r.TrialEnd)
	}
	if kind != notDirect {
		m.from = c.v.now
	}
	if m.first == m.from {
		return m, false
	}
	anchor, charges := m.first, 0 // of the charges that come at the end of a period, counted before them
	if kind == directProrated {
		anchor, charges = r.BillingCycleAnchor, 1
	}
	if _, only := c.usage(); only {
		switch kind {
		case directAnchored: // the free time is a period of its own, in which usage counts
		case directProrated:
			m.first, charges = anchor, 0
		default:
			m.first = cycle.Next(m.first)
			anchor = m.first
		}
	}
	until := func(end csvspec.Timestamp) int {
		if end <= m.first {
			return 0
		}
		return charges + sort.Search(1<<20, func(n int) bool { return cycle.Nth(anchor, int64(n)) >= end })
	}
	months := func(from csvspec.Timestamp) csvspec.Timestamp {
		return period.Cycle{Interval: "month", Count: 1}.Nth(from, coupon.DurationInMonths)
	}
	m.end = months(m.from)
	m.covered, m.fromStart, m.whole = until(m.end), until(months(r.StartDate)), until(months(m.first))
	return m, true
}
