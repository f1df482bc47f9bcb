package gateway

import (
	"context"
	"maps"
	"slices"

	"github.com/stripe/stripe-go/v76"

	"github.com/subferry/subferry/validate"
)

type (
	priceAnswer   struct{ stripe.Price }
	productAnswer struct{ stripe.Product }
	couponAnswer  struct{ stripe.Coupon }
	taxRateAnswer struct{ stripe.TaxRate }
)

func (a *priceAnswer) complete() bool   { return a.ID != "" }
func (a *productAnswer) complete() bool { return a.ID != "" }
func (a *couponAnswer) complete() bool  { return a.ID != "" }
func (a *taxRateAnswer) complete() bool { return a.ID != "" }

// price asks for the currency options too, which Stripe leaves out otherwise. Plans of older accounts are found
// here as well.
func (g *Gateway) price(ctx context.Context, id string) (validate.Price, bool, error) {
	var a priceAnswer
	ok, err := g.get(ctx, "prices", id, &stripe.PriceParams{Expand: stripe.StringSlice([]string{"currency_options"})}, &a)
	if !ok || a.Deleted {
		return validate.Price{}, false, err
	}
	return priceFact(&a.Price), true, nil
}

func priceFact(p *stripe.Price) validate.Price {
	fact := validate.Price{
		ID:            p.ID,
		Active:        p.Active,
		Currency:      string(p.Currency),
		UnitAmount:    p.UnitAmount,
		HasUnitAmount: hasUnitAmount(p),
		Currencies:    furtherCurrencies(p),
		TaxBehavior:   string(p.TaxBehavior),
		Tiered:        p.BillingScheme == stripe.PriceBillingSchemeTiered,
		UnitAmounts:   furtherAmounts(p),
	}
	if t := p.TransformQuantity; t != nil {
		fact.Package = validate.Package{Size: t.DivideBy, RoundUp: t.Round == stripe.PriceTransformQuantityRoundUp}
	}
	if p.Product != nil {
		fact.Product = p.Product.ID
	}
	if p.Recurring != nil {
		fact.Interval, fact.IntervalCount = string(p.Recurring.Interval), p.Recurring.IntervalCount
		fact.Metered = p.Recurring.UsageType == stripe.PriceRecurringUsageTypeMetered
	}
	return fact
}

// hasUnitAmount tells a free price from one whose amount is not a whole number of minor units: stripe-go reads
// null as 0.
func hasUnitAmount(p *stripe.Price) bool {
	return p.BillingScheme == stripe.PriceBillingSchemePerUnit && p.CustomUnitAmount == nil &&
		p.UnitAmountDecimal == float64(p.UnitAmount)
}

func furtherCurrencies(p *stripe.Price) []string {
	var further []string
	for _, currency := range slices.Sorted(maps.Keys(p.CurrencyOptions)) {
		if currency != string(p.Currency) {
			further = append(further, currency)
		}
	}
	return further
}

// furtherAmounts returns what a unit costs in the price's further currencies, where that is a whole number of minor
// units: Stripe states the integer when it is, and the decimal alone when it is not.
func furtherAmounts(p *stripe.Price) map[string]int64 {
	var amounts map[string]int64
	for currency, option := range p.CurrencyOptions {
		whole := option.UnitAmount != 0 || option.UnitAmountDecimal == 0
		if currency == string(p.Currency) || p.BillingScheme != stripe.PriceBillingSchemePerUnit || option.CustomUnitAmount != nil || !whole {
			continue
		}
		if amounts == nil {
			amounts = map[string]int64{}
		}
		amounts[currency] = option.UnitAmount
	}
	return amounts
}

func (g *Gateway) product(ctx context.Context, id string) (validate.Product, bool, error) {
	var a productAnswer
	ok, err := g.get(ctx, "products", id, nil, &a)
	if !ok || a.Deleted {
		return validate.Product{}, false, err
	}
	return validate.Product{ID: a.ID, Active: a.Active}, true, nil
}
