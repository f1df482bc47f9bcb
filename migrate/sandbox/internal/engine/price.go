package engine

import (
	"strings"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/sandbox/internal/billing"
	"github.com/subferry/subferry/migrate/sandbox/internal/object"
)

// KnownCurrency tells whether Stripe supports the currency, which must be in lower case.
func KnownCurrency(code string) bool { return code == strings.ToLower(code) && csvspec.Step(code) > 0 }

// charging is what a currency asks of an amount that is collected. Of the currencies whose amounts have two decimals
// that must be 00, Stripe documents the rounding of computed amounts for UGX only.
func charging(code string) billing.Charging {
	c := billing.Charging{Multiple: 1}
	if code == "ugx" {
		c.Multiple = csvspec.Step(code)
	}
	c.Minimum, _ = csvspec.MinimumCharge(code)
	return c
}

// SubscriptionInterval is how often a subscription is billed: all its items share it.
func SubscriptionInterval(sub *object.Subscription) billing.Interval {
	return IntervalOf(sub.Items.Data[0].Price)
}

// IntervalOf is how often a recurring price is billed.
func IntervalOf(price *object.Price) billing.Interval {
	return billing.Interval{Unit: price.Recurring.Interval, Count: price.Recurring.IntervalCount}
}

// Pricing is a price in one currency as the billing code takes it.
func Pricing(o *object.Price, code string) billing.Price {
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
	d, err := ParseAmount(text)
	if err != nil {
		return billing.Decimal{}
	}
	return d
}

// ParseAmount reads an amount in minor units that may have a fraction; an empty text is 0.
func ParseAmount(text object.Text) (billing.Decimal, error) {
	if text == "" {
		return billing.Decimal{}, nil
	}
	return billing.ParseDecimal(string(text))
}

// itemAmount is what an item costs for a whole period.
func itemAmount(item *object.SubscriptionItem, code string) int64 {
	return Pricing(item.Price, code).Amount(object.Quantity(item.Quantity))
}

// RatesOf are a line's tax rates: its own, or else the subscription's.
func RatesOf(own, fallback []*object.TaxRate) []*object.TaxRate {
	if len(own) > 0 {
		return own
	}
	return fallback
}
