package account

import "strconv"

// Percent is a percentage in ten-thousandths of a percent, so that money is never multiplied with a float: 12.5 % is
// 125000. Stripe's coupons and tax rates have at most four decimals.
type Percent int64

// Percentages with a meaning of their own.
const (
	Hundred        Percent = 100_0000
	UnknownPercent Percent = -1 // it has more decimals than Stripe documents: nothing can be computed with it
)

// String returns the percentage as people write it: 12.5 %.
func (p Percent) String() string {
	if p < 0 {
		return "an unknown percentage"
	}
	text := strconv.FormatInt(int64(p/1_0000), 10)
	decimals := int64(p % 1_0000)
	if decimals == 0 {
		return text + " %"
	}
	digits := strconv.FormatInt(1_0000+decimals, 10)[1:]
	for digits[len(digits)-1] == '0' {
		digits = digits[:len(digits)-1]
	}
	return text + "." + digits + " %"
}
