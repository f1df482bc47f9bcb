package validate

import (
	"fmt"
	"strings"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/csvspec/words"
	"github.com/subferry/subferry/validate/internal/dedupe"
)

func ruleCouponUsedUp() Rule {
	return Rule{
		Code:     "coupon_used_up",
		Severity: Error,
		Title:    "The rows of the file use a coupon more often than it can be redeemed",
		Why:      "A coupon with max_redemptions counts every subscription that uses it, and those that did so before. Stripe refuses it from then on, in the middle of a run.",
		Fix:      "Raise the number by creating a coupon without a limit, use another one, or clear the cell.",
		Bad:      "customer,start_date,price,coupon\ncus_Ada,1801440000,price_Pro,TWICE\ncus_Ada,1801526400,price_Pro,TWICE\n",
		Good:     "customer,start_date,price,coupon\ncus_Ada,1801440000,price_Pro,TWICE\ncus_Ada,1801526400,price_Pro,LOYAL\n",
		Source:   "Stripe API, coupons: max_redemptions and times_redeemed",
		When:     []csvspec.Field{csvspec.FieldCoupon},
		needs:    dataCoupons,
		File: func(t *FileCheck) {
			for _, r := range t.tally.redeemed.rows {
				coupon := t.v.opts.Account.Coupons[r.coupon]
				t.reportRow(r.row, Finding{Column: "coupon", Value: r.coupon, Message: fmt.Sprintf("the coupon can be redeemed %s in all, of which %d had been used before; rows above use up the rest.",
					words.Count(int(coupon.MaxRedemptions), "time"), coupon.TimesRedeemed)})
			}
		},
	}
}

// redemptions are rows with coupons that can be redeemed so many times only. Of a part of the file they are all rows;
// of the whole file, those beyond the limit, n is how many there are of each coupon, and direct those of them that use it
// as soon as the migration runs.
type redemptions struct {
	rows   []redemption
	n      map[string]int64
	direct map[string]directRedemptions
}

// directRedemptions are the direct subscriptions that use a coupon.
type directRedemptions struct {
	n     int64
	first redemption
}

type redemption struct {
	coupon string
	rest   int64 // how often it can be redeemed
	direct bool  // the row becomes a direct subscription
	row    dedupe.Entry
}

// redeem remembers a row that uses a coupon with a limit. A row that is invalid redeems nothing.
func (c *Check) redeem(row *csvspec.Row, state State) {
	if state == Invalid || c.v.known&dataCoupons == 0 {
		return
	}
	coupon := c.Account().Coupons[row.Coupon]
	if coupon.MaxRedemptions == 0 {
		return
	}
	kind := c.direct()
	c.tally.redeemed.rows = append(c.tally.redeemed.rows, redemption{
		coupon: strings.Clone(row.Coupon), rest: coupon.MaxRedemptions - coupon.TimesRedeemed, direct: kind != notDirect && kind != directUnknown,
		row: dedupe.NewEntry(0, 0, 0, row.Source.Row, row.Source.Line, uint8(state))})
}

// merge takes in the rows of a later part of the file.
func (r *redemptions) merge(o redemptions) {
	if r.n == nil && len(o.rows) > 0 {
		r.n, r.direct = map[string]int64{}, map[string]directRedemptions{}
	}
	for _, x := range o.rows {
		if r.n[x.coupon]++; r.n[x.coupon] > x.rest {
			r.rows = append(r.rows, x)
		}
		if x.direct {
			d := r.direct[x.coupon]
			if d.n++; d.n == 1 {
				d.first = x
			}
			r.direct[x.coupon] = d
		}
	}
}
