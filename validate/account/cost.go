package account

import (
	"slices"

	"github.com/shopspring/decimal"
)

// Cost returns what a quantity of the price comes to in the currency, in minor units before any rounding. It is false
// when the price cannot be sold in that, or when only usage or the customer decides.
//
// Source: pricing models guide, graduated and volume tiers: the flat fee of the first tier is owed at a quantity of 0
// too.
func (p Price) Cost(currency string, quantity int64) (decimal.Decimal, bool) {
	amount, ok := p.In(currency)
	switch {
	case !ok || amount.Open || quantity < 0:
		return decimal.Zero, false
	case amount.nothing():
		return decimal.Zero, true
	case p.Metered:
		return decimal.Zero, false
	case len(amount.Tiers) == 0:
		return amount.Unit.Mul(decimal.NewFromInt(p.Package.of(quantity))), true
	case p.Volume:
		return amount.volume(quantity), true
	}
	return amount.graduated(quantity), true
}

// nothing tells whether no quantity costs anything.
func (a PriceAmount) nothing() bool {
	if len(a.Tiers) == 0 {
		return a.Unit.IsZero()
	}
	return !slices.ContainsFunc(a.Tiers, func(t Tier) bool { return !t.Unit.IsZero() || !t.Flat.IsZero() })
}

// volume charges all units at the tier that the quantity reaches.
func (a PriceAmount) volume(quantity int64) decimal.Decimal {
	reached := a.Tiers[len(a.Tiers)-1]
	for _, t := range a.Tiers {
		if t.UpTo == 0 || quantity <= t.UpTo {
			reached = t
			break
		}
	}
	return reached.Unit.Mul(decimal.NewFromInt(quantity)).Add(reached.Flat)
}

// graduated charges each unit at its own tier.
func (a PriceAmount) graduated(quantity int64) decimal.Decimal {
	total, from := decimal.Zero, int64(0)
	for i, t := range a.Tiers {
		if i > 0 && quantity <= from {
			break
		}
		to := quantity
		if t.UpTo != 0 {
			to = min(to, t.UpTo)
		}
		total = total.Add(t.Unit.Mul(decimal.NewFromInt(to - from))).Add(t.Flat)
		from = to
	}
	return total
}

// of returns how often the amount of a package is charged for the quantity.
func (p Package) of(quantity int64) int64 {
	switch {
	case p.Size < 2:
		return quantity
	case p.RoundUp && quantity%p.Size > 0:
		return quantity/p.Size + 1
	}
	return quantity / p.Size
}
