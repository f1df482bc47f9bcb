package forecast

import (
	"math"
	"math/bits"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate/account"
)

// share returns amount × part ÷ whole, rounded to the nearest unit and half a unit away from zero. It is the only
// place where money is rounded. Half away from zero is how Stripe describes the rounding of taxes, and what a person
// with paper does; it never makes two equal lines unequal, as rounding half to even would.
//
// The arguments are not negative and whole is not 0. ok is false when the result does not fit.
func share(amount, part, whole int64) (result int64, ok bool) {
	high, low := bits.Mul64(uint64(amount), uint64(part))
	if high >= uint64(whole) {
		return 0, false
	}
	quotient, rest := bits.Div64(high, low, uint64(whole))
	if rest >= uint64(whole)-rest {
		quotient++
	}
	return int64(quotient), quotient <= math.MaxInt64
}

// portion is share for an amount of an invoice, and a part that is not more than the whole: it always fits.
func portion(amount, part, whole int64) int64 {
	result, _ := share(amount, part, whole)
	return result
}

// percentOf is p of an amount.
func percentOf(amount int64, p account.Percent) int64 {
	return portion(amount, int64(p), int64(account.Hundred))
}

// contained is the tax of p within an amount that includes it.
func contained(amount int64, p account.Percent) int64 {
	return portion(amount, int64(p), int64(account.Hundred+p))
}

// times multiplies without overflow; ok is false when the result is more than Stripe takes.
func times(unit, quantity int64) (amount int64, ok bool) {
	high, low := bits.Mul64(uint64(unit), uint64(quantity))
	return int64(low), high == 0 && low <= csvspec.MaxAmount
}
