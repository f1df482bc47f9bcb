package sandbox

import (
	"github.com/subferry/subferry/migrate/sandbox/internal/billing"
	"github.com/subferry/subferry/migrate/sandbox/internal/object"
)

// pricing is a price in one currency as the billing code takes it.
func pricing(o *object.Price, code string) billing.Price {
	p := billing.Price{Volume: o.TiersMode == "volume"}
	unit, tiers := o.UnitAmountDecimal, o.Tiers
	if option, ok := o.CurrencyOptions[code]; ok && code != o.Currency {
		unit, tiers = option.UnitAmountDecimal, option.Tiers
	}
	p.Unit = decimalOf(unit)
	for _, t := range tiers {
		tier := billing.Tier{Unit: decimalOf(t.UnitAmountDecimal), Flat: decimalOf(t.FlatAmountDecimal)}
		if t.UpTo != nil {
			tier.UpTo = *t.UpTo
		}
		p.Tiers = append(p.Tiers, tier)
	}
	if o.TransformQuantity != nil {
		p.DivideBy = o.TransformQuantity.DivideBy
		p.RoundUp = o.TransformQuantity.Round == "up"
	}
	return p
}

// decimalOf reads a decimal that was checked when its price was made; none is 0.
func decimalOf(text object.Text) billing.Decimal {
	d, err := parseAmount(text)
	if err != nil {
		return billing.Decimal{}
	}
	return d
}

func parseAmount(text object.Text) (billing.Decimal, error) {
	if text == "" {
		return billing.Decimal{}, nil
	}
	return billing.ParseDecimal(string(text))
}

// metered tells whether an item is charged by usage. The sandbox records no
// usage, so such an item always comes to its price for nothing.
func metered(o *object.Price) bool { return o.Recurring != nil && o.Recurring.UsageType == "metered" }

// itemAmount is what an item costs for a whole period.
func itemAmount(item *object.SubscriptionItem, code string) int64 {
	return pricing(item.Price, code).Amount(quantityOf(item.Quantity))
}

func quantityOf(quantity *int64) int64 {
	if quantity == nil {
		return 0
	}
	return *quantity
}

// ratesOf are a line's tax rates: its own, or else the subscription's.
func ratesOf(own, fallback []*object.TaxRate) []*object.TaxRate {
	if len(own) > 0 {
		return own
	}
	return fallback
}
