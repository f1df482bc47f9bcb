package validate

import (
	"fmt"
	"maps"
	"slices"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/csvspec/words"
)

func ruleDirectCouponLimited() Rule {
	return Rule{
		Code:     "direct_coupon_limited",
		Severity: Warning,
		Title:    "Undoing the migration would not give a coupon's redemptions back",
		Why:      "A direct subscription redeems its coupon when the migration runs, and Stripe documents no way to give a redemption back: deleting the subscription does not. A file that is run again after it was undone needs as many once more, and Stripe would refuse the coupon.",
		Fix:      "Before the run, name a coupon with the same terms that can be redeemed more often. Otherwise create one if the migration has to be undone, and write its ID into the file before it is run again.",
		Bad:      "customer,start_date,price,backdate_start_date,proration_behavior,coupon\ncus_Ada,1801440000,price_Pro,1767225600,none,TWICE\n",
		Good:     "customer,start_date,price,backdate_start_date,proration_behavior,coupon\ncus_Ada,1801440000,price_Pro,1767225600,none,LOYAL\n",
		Source:   "Stripe API, coupons: times_redeemed is how often the coupon has been applied, max_redemptions how often it can be",
		When:     []csvspec.Field{csvspec.FieldCoupon},
		needs:    dataCoupons,
		File: func(t *FileCheck) {
			redeemed := t.tally.redeemed
			for _, id := range slices.Sorted(maps.Keys(redeemed.direct)) {
				d, n := redeemed.direct[id], redeemed.n[id]
				if n+d.n <= d.first.rest {
					continue
				}
				f := Finding{Row: d.first.row.Row(), Line: d.first.row.Line(), Column: "coupon", Value: id, Message: fmt.Sprintf(
					"the coupon can be redeemed %s more, and %s of the file would redeem it, %d of them as soon as the migration runs. Should that be undone, the file could not be run again as it is.",
					words.Count(int(d.first.rest), "time"), words.Count(int(n), "row"), d.n)}
				if column, ok := t.head.header.Lookup("coupon"); ok {
					f.Column, f.ColumnNumber = headerName(column), column.Index+1
				}
				t.Report(f)
			}
		},
	}
}
