package billing

import (
	"fmt"
	"math/big"
	"math/bits"
	"strconv"
	"strings"
)

// Decimal is an amount in minor units that may have a fraction, as unit_amount_decimal does. The zero value is 0.
type Decimal struct {
	whole int64
	exact *big.Rat // nil when the amount is whole
}

// Whole is a decimal without fraction.
func Whole(minor int64) Decimal { return Decimal{whole: minor} }

// ParseDecimal reads a decimal text. Texts without a fraction stay integers.
func ParseDecimal(text string) (Decimal, error) {
	if whole, err := strconv.ParseInt(text, 10, 64); err == nil && text[0] != '+' {
		return Whole(whole), nil
	}
	r, ok := new(big.Rat).SetString(text)
	if !ok || strings.Trim(text, "-.0123456789") != "" {
		return Decimal{}, fmt.Errorf("%q is no decimal amount", text)
	}
	if r.IsInt() && r.Num().IsInt64() {
		return Whole(r.Num().Int64()), nil
	}
	return Decimal{exact: r}, nil
}

// Within tells whether the decimal is at most as far from 0 as a limit.
func (d Decimal) Within(limit int64) bool {
	if d.exact == nil {
		return d.whole >= -limit && d.whole <= limit
	}
	return new(big.Rat).Abs(d.exact).Cmp(new(big.Rat).SetInt64(limit)) <= 0
}

// Most is the greatest amount of one line. It is far above what Stripe takes and keeps every sum of lines far from the
// end of an int64; what would be more comes to Most.
const Most = 1_000_000_000_000_000

// times is the amount for a quantity, rounded once.
func (d Decimal) times(quantity int64) int64 {
	if d.exact == nil {
		high, low := bits.Mul64(magnitude(d.whole), magnitude(quantity))
		switch {
		case high == 0 && low <= Most:
			return d.whole * quantity
		case (d.whole < 0) != (quantity < 0):
			return -Most
		}
		return Most
	}
	product := new(big.Rat).Mul(d.exact, new(big.Rat).SetInt64(quantity))
	return roundRat(product)
}

// roundRat rounds half away from zero, as MulDiv does, within Most.
func roundRat(r *big.Rat) int64 {
	twice := new(big.Int).Mul(r.Num(), big.NewInt(2))
	half := new(big.Int).Set(r.Denom())
	if r.Sign() < 0 {
		half.Neg(half)
	}
	twice.Add(twice, half)
	rounded := new(big.Int).Quo(twice, new(big.Int).Mul(r.Denom(), big.NewInt(2)))
	switch {
	case rounded.CmpAbs(big.NewInt(Most)) <= 0:
		return rounded.Int64()
	case r.Sign() < 0:
		return -Most
	}
	return Most
}

// Price is what a quantity costs.
type Price struct {
	Unit     Decimal // per unit, when there are no tiers
	Tiers    []Tier
	Volume   bool  // all units at the reached tier's price, instead of graduated
	DivideBy int64 // packages of this size, 0 for single units
	RoundUp  bool  // a begun package counts
}

// Tier is the price of the units up to UpTo; 0 is without end.
type Tier struct {
	UpTo int64
	Unit Decimal
	Flat Decimal
}

// Amount is what a quantity costs, in minor units and at most Most. A tier's units and its flat amount are rounded
// together, each tier by itself.
func (p Price) Amount(quantity int64) int64 {
	quantity = p.packages(quantity)
	switch {
	case len(p.Tiers) == 0:
		return p.Unit.times(quantity)
	case p.Volume:
		return min(p.volume(quantity), Most)
	default:
		return p.graduated(quantity)
	}
}

func (p Price) packages(quantity int64) int64 {
	if p.DivideBy == 0 {
		return quantity
	}
	if p.RoundUp {
		quantity += p.DivideBy - 1
	}
	return quantity / p.DivideBy
}

// cost is what a tier comes to for so many units, its flat amount included, rounded once.
func (t Tier) cost(units int64) int64 {
	if t.Unit.exact == nil && t.Flat.exact == nil {
		return min(t.Unit.times(units)+t.Flat.times(1), Most)
	}
	sum := new(big.Rat).Mul(t.Unit.rat(), new(big.Rat).SetInt64(units))
	return roundRat(sum.Add(sum, t.Flat.rat()))
}

func (d Decimal) rat() *big.Rat {
	if d.exact == nil {
		return new(big.Rat).SetInt64(d.whole)
	}
	return d.exact
}

func (p Price) volume(quantity int64) int64 {
	for _, t := range p.Tiers {
		if t.UpTo == 0 || quantity <= t.UpTo {
			return t.cost(quantity)
		}
	}
	return 0
}

// graduated charges each tier's units at its price. A tier's flat amount is due once the tier is reached; the first one
// is reached by 0 already.
func (p Price) graduated(quantity int64) int64 {
	var sum, below int64
	for i, t := range p.Tiers {
		if i > 0 && quantity <= below {
			return sum
		}
		units := quantity - below
		if t.UpTo != 0 {
			units = min(units, t.UpTo-below)
		}
		sum = min(sum+t.cost(units), Most)
		below = t.UpTo
	}
	return sum
}
