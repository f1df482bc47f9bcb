package sandbox

import (
	"math/bits"

	"github.com/subferry/subferry/migrate/sandbox/apierr"
	"github.com/subferry/subferry/migrate/sandbox/form"
	"github.com/subferry/subferry/migrate/sandbox/object"
)

// The greatest values the sandbox computes with. Stripe's own limits are lower
// or not documented; these keep every sum far from the end of an int64.
const (
	mostIterations = 10_000
	mostTrialDays  = 730
	mostDueDays    = 3_650
	mostMonths     = 1_200
	mostQuantity   = 999_999_999
	mostAmount     = 1_000_000_000_000_000 // of one line, in minor units
)

// limited checks a number that was sent against its least and greatest value.
func limited(p *form.Node, name string, least, most int64) error {
	v, sent := p.Int(name)
	switch {
	case !sent || v >= least && v <= most:
		return nil
	case v < least:
		return apierr.Coded("parameter_invalid_integer", p.PathOf(name), "This value must be greater than or equal to %d.", least)
	default:
		return apierr.Coded("parameter_invalid_integer", p.PathOf(name), "This value must be less than or equal to %d.", most)
	}
}

// payable refuses a quantity that costs more than can be computed with.
func payable(price *object.Price, quantity *int64, param string) error {
	n := uint64(max(1, quantityOf(quantity)))
	for _, amount := range amountsOf(price) {
		if high, low := bits.Mul64(uint64(amount), n); high > 0 || low > mostAmount {
			return apierr.Coded("amount_too_large", param, "Amount must be no more than %d.", mostAmount)
		}
	}
	return nil
}

// amountsOf are all amounts a price may charge for one unit.
func amountsOf(price *object.Price) []int64 {
	all := []*int64{price.UnitAmount}
	tiers := price.Tiers
	for _, option := range price.CurrencyOptions {
		all = append(all, option.UnitAmount)
		tiers = append(tiers[:len(tiers):len(tiers)], option.Tiers...)
	}
	for _, t := range tiers {
		all = append(all, t.UnitAmount, t.FlatAmount)
	}
	var found []int64
	for _, one := range all {
		if one != nil {
			found = append(found, *one)
		}
	}
	return found
}
