package forecast

import (
	"github.com/shopspring/decimal"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate/account"
)

// cost is what one item comes to, in minor units.
type cost struct {
	amount int64
	rests  bool // on the assumption FractionsPerTier: rounding once for the whole line comes to something else
}

// costOf computes what a quantity of a price costs in the currency, or says why it cannot.
func costOf(p account.Price, currency string, quantity int64) (cost, Reason) {
	amount, ok := p.In(currency)
	switch {
	case !ok:
		return cost{}, PriceCurrency
	case len(amount.Tiers) > 0:
		return costOfTiers(amount.Tiers, p.Volume, quantity)
	case amount.Open:
		return cost{}, PriceOpen
	}
	total, why := whole(amount.Unit.Mul(decimal.NewFromInt(packages(p.Package, quantity))))
	return cost{amount: total}, why
}

// costOfTiers computes a tiered price: by volume, all units cost what the tier says that the quantity reaches;
// graduated, the units of each tier cost what that tier says. A tier's flat amount is due once it is reached, and the
// first tier is reached by a quantity of 0.
func costOfTiers(tiers []account.Tier, volume bool, quantity int64) (cost, Reason) {
	var rounded, exact decimal.Decimal
	below := int64(0) // units of the tiers before
	for _, tier := range tiers {
		last := tier.UpTo == 0 || quantity <= tier.UpTo
		if !last && volume {
			continue
		}
		units := quantity - below
		if !last {
			units = tier.UpTo - below
		}
		unit := tier.Unit.Mul(decimal.NewFromInt(units))
		rounded = rounded.Add(unit.Add(tier.Flat).Round(0))
		exact = exact.Add(unit).Add(tier.Flat)
		if last {
			total, why := whole(rounded)
			return cost{amount: total, rests: !exact.Round(0).Equal(rounded)}, why
		}
		below = tier.UpTo
	}
	return cost{}, PriceTiersEnd
}

// whole rounds an exact amount to a minor unit, half a unit away from zero, and refuses one that Stripe does not take.
func whole(exact decimal.Decimal) (int64, Reason) {
	rounded := exact.Round(0)
	if rounded.IsNegative() || rounded.GreaterThan(decimal.NewFromInt(csvspec.MaxAmount)) {
		return 0, AmountTooLarge
	}
	return rounded.IntPart(), ""
}

// packages returns how often the unit amount is charged for a quantity.
func packages(p account.Package, quantity int64) int64 {
	switch {
	case p.Size < 2:
		return quantity
	case p.RoundUp && quantity%p.Size > 0:
		return quantity/p.Size + 1
	}
	return quantity / p.Size
}
