package billing

import "math/bits"

// All rounding of money happens in MulDiv: to the nearest minor unit, and a half away from zero. It is applied once per
// line and purpose - a line's amount, its discount, each of its taxes, its proration - and totals are sums of what was
// rounded, so that an invoice always adds up.
//
// Stripe documents half-up rounding per line for taxes by default; for percentage coupons and prorations the same is
// assumed here.

// MulDiv returns a*b/c rounded half away from zero, without overflow in between. c must be positive, and the result
// must fit.
func MulDiv(a, b, c int64) int64 {
	negative := (a < 0) != (b < 0)
	high, low := bits.Mul64(magnitude(a), magnitude(b))
	low, carry := bits.Add64(low, uint64(c)/2, 0)
	quotient, _ := bits.Div64(high+carry, low, uint64(c))
	if negative {
		return -int64(quotient)
	}
	return int64(quotient)
}

func magnitude(v int64) uint64 {
	if v < 0 {
		return uint64(-v)
	}
	return uint64(v)
}
