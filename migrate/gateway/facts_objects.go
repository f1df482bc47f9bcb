package gateway

import (
	"context"

	"github.com/shopspring/decimal"
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
		ID:       p.ID,
		Active:   p.Active,
		Currency: string(p.Currency),
		Volume:   p.TiersMode == stripe.PriceTiersModeVolume,
		Amounts: map[string]validate.PriceAmount{string(p.Currency): {
			Unit: decimal.NewFromFloat(p.UnitAmountDecimal), Open: p.CustomUnitAmount != nil, TaxBehavior: string(p.TaxBehavior),
		}},
	}
	for currency, option := range p.CurrencyOptions {
		fact.Amounts[currency] = validate.PriceAmount{
			Unit: decimal.NewFromFloat(option.UnitAmountDecimal), Open: option.CustomUnitAmount != nil, TaxBehavior: string(option.TaxBehavior),
		}
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

func (g *Gateway) product(ctx context.Context, id string) (validate.Product, bool, error) {
	var a productAnswer
	ok, err := g.get(ctx, "products", id, nil, &a)
	if !ok || a.Deleted {
		return validate.Product{}, false, err
	}
	return validate.Product{ID: a.ID, Active: a.Active}, true, nil
}
