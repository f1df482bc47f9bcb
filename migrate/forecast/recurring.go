package forecast

import "github.com/subferry/subferry/validate/period"

// Recurring is what a subscription earns in every period for good: its items at their quantities, less a coupon that
// counts forever, without tax. One-off items do not recur, and neither do coupons for once or for some months. A
// subscription that ends by itself earns nothing for good.
type Recurring struct {
	Amount  int64        // minor units every Cycle; what is known of it when there are Unknown reasons
	Cycle   period.Cycle // not valid when nothing recurs, or when how often is not known
	Unknown []Reason
}

// recurring computes the share of a period that the first invoice may not show: with a passing coupon left out.
func (s *subscription) recurring() Recurring {
	if !s.end.IsBlank() {
		return Recurring{}
	}
	d := s.discounts(new(usedState)).forever()
	c := s.charge(moment{at: s.free, kind: Renewal, items: true, usage: s.metered > 0}, &d)
	r := Recurring{Amount: c.Items - c.Discount - c.TaxIncluded - c.TaxExempted, Cycle: s.cycle}
	for _, why := range c.Unknown {
		if why != AutomaticTax || s.sellsInclusive() {
			r.Unknown = append(r.Unknown, why)
		}
	}
	return r
}

// sellsInclusive tells whether a price contains its tax, whose share Stripe Tax has yet to compute.
func (s *subscription) sellsInclusive() bool {
	for _, item := range s.terms.Items {
		if amount, _ := s.facts.Prices[item.Price].In(s.currency); amount.TaxBehavior == "inclusive" {
			return true
		}
	}
	return false
}

// Monthly normalises an amount that recurs every cycle to a month: a twelfth of a year's. A year has 12 months, 365
// days, and 365/7 weeks. The result is rounded once, half away from zero; to keep a sum exact, add up the amounts of
// each cycle first and normalise their sum. ok is false when the cycle is not valid or the result does not fit.
func Monthly(amount int64, c period.Cycle) (monthly int64, ok bool) {
	if !c.Valid() {
		return 0, false
	}
	part, whole := int64(1), c.Count
	switch c.Interval {
	case "day":
		part, whole = 365, 12*c.Count
	case "week":
		part, whole = 365, 7*12*c.Count
	case "year":
		whole = 12 * c.Count
	}
	return share(amount, part, whole)
}
