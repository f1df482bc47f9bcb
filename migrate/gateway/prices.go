package gateway

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/shopspring/decimal"
	"github.com/stripe/stripe-go/v76"

	"github.com/subferry/subferry/validate/account"
)

// priceAnswer is the part of a price that is looked up. stripe-go reads decimals of up to twelve places into floats;
// here they stay the text that Stripe sent.
type priceAnswer struct {
	stripe.APIResource
	ID            string       `json:"id"`
	Deleted       bool         `json:"deleted"`
	Active        bool         `json:"active"`
	Currency      string       `json:"currency"`
	BillingScheme string       `json:"billing_scheme"`
	TiersMode     string       `json:"tiers_mode"`
	Product       priceProduct `json:"product"`
	Recurring     *struct {
		Interval      string `json:"interval"`
		IntervalCount int64  `json:"interval_count"`
		UsageType     string `json:"usage_type"`
	} `json:"recurring"`
	TransformQuantity *struct {
		DivideBy int64  `json:"divide_by"`
		Round    string `json:"round"`
	} `json:"transform_quantity"`
	amountAnswer
	CurrencyOptions map[string]amountAnswer `json:"currency_options"`
}

// amountAnswer is what a price costs in one currency.
type amountAnswer struct {
	UnitAmount        decimal.NullDecimal `json:"unit_amount"`
	UnitAmountDecimal decimal.NullDecimal `json:"unit_amount_decimal"`
	CustomUnitAmount  *struct{}           `json:"custom_unit_amount"`
	TaxBehavior       string              `json:"tax_behavior"`
	Tiers             []tierAnswer        `json:"tiers"`
}

type tierAnswer struct {
	UpTo              int64               `json:"up_to"` // null, for no end, becomes 0
	UnitAmount        decimal.NullDecimal `json:"unit_amount"`
	UnitAmountDecimal decimal.NullDecimal `json:"unit_amount_decimal"`
	FlatAmount        decimal.NullDecimal `json:"flat_amount"`
	FlatAmountDecimal decimal.NullDecimal `json:"flat_amount_decimal"`
}

func (a *priceAnswer) complete() bool { return a.ID != "" }

func (a *priceAnswer) tiered() bool { return a.BillingScheme == "tiered" }

// priceProduct is a product that was expanded, or just its ID.
type priceProduct struct {
	ID      string
	Known   bool // it was expanded, and is not deleted
	Product account.Product
}

func (p *priceProduct) UnmarshalJSON(data []byte) error {
	if json.Unmarshal(data, &p.ID) == nil {
		return nil
	}
	var object struct {
		ID      string `json:"id"`
		Active  bool   `json:"active"`
		Deleted bool   `json:"deleted"`
	}
	err := json.Unmarshal(data, &object)
	*p = priceProduct{ID: object.ID, Known: !object.Deleted, Product: account.Product{ID: object.ID, Active: object.Active}}
	return err
}

// pricedProduct is a price with its product, when the account has that.
type pricedProduct struct {
	price   account.Price
	product priceProduct
}

// price asks for the product, the tiers and the further currencies too, which Stripe leaves out otherwise. Plans of
// older accounts are found here as well. The tiers of further currencies have to be asked for by the names of the
// currencies, which takes a second request for the few prices that have both.
func (g *Gateway) price(ctx context.Context, id string) (pricedProduct, bool, error) {
	var a priceAnswer
	ok, err := g.get(ctx, "prices", id, expanding("product", "tiers", "currency_options"), &a)
	if !ok || a.Deleted {
		return pricedProduct{}, false, err
	}
	var lacking []string // the tiers of further currencies
	for currency, option := range a.CurrencyOptions {
		if a.tiered() && currency != a.Currency && len(option.Tiers) == 0 {
			lacking = append(lacking, "currency_options."+currency+".tiers")
		}
	}
	if len(lacking) > 0 {
		slices.Sort(lacking)
		var b priceAnswer
		if ok, err = g.get(ctx, "prices", id, expanding(lacking...), &b); !ok {
			return pricedProduct{}, false, err
		}
		a.CurrencyOptions = b.CurrencyOptions
	}
	data, err := a.data()
	return pricedProduct{price: data, product: a.Product}, err == nil, err
}

func expanding(fields ...string) *stripe.PriceParams {
	return &stripe.PriceParams{Expand: stripe.StringSlice(fields)}
}

// data returns the price as it is known from here on. A tiered price of which the tiers did not come is an error: its
// amounts must not be taken for 0.
func (a *priceAnswer) data() (account.Price, error) {
	amounts := maps.Clone(a.CurrencyOptions)
	if amounts == nil {
		amounts = map[string]amountAnswer{}
	}
	amounts[a.Currency] = a.amountAnswer
	data := account.Price{
		ID: a.ID, Product: a.Product.ID, Active: a.Active, Currency: a.Currency,
		Volume: a.TiersMode == "volume", Amounts: make(map[string]account.PriceAmount, len(amounts)),
	}
	for currency, amount := range amounts {
		one, ok := amount.data()
		if !ok || a.tiered() && len(one.Tiers) == 0 {
			return account.Price{}, fmt.Errorf("price %s: Stripe's answer lacks what it costs in %s", a.ID, currency)
		}
		data.Amounts[currency] = one
	}
	if t := a.TransformQuantity; t != nil {
		data.Package = account.Package{Size: t.DivideBy, RoundUp: t.Round == "up"}
	}
	if r := a.Recurring; r != nil {
		data.Interval, data.IntervalCount, data.Metered = r.Interval, r.IntervalCount, r.UsageType == "metered"
	}
	return data, nil
}

// data is false when nothing says what a unit costs.
func (a amountAnswer) data() (account.PriceAmount, bool) {
	data := account.PriceAmount{TaxBehavior: a.TaxBehavior, Open: a.CustomUnitAmount != nil}
	for _, t := range a.Tiers {
		unit, _ := exact(t.UnitAmountDecimal, t.UnitAmount)
		flat, _ := exact(t.FlatAmountDecimal, t.FlatAmount)
		data.Tiers = append(data.Tiers, account.Tier{UpTo: t.UpTo, Unit: unit, Flat: flat})
	}
	var ok bool
	data.Unit, ok = exact(a.UnitAmountDecimal, a.UnitAmount)
	return data, ok || data.Open || len(data.Tiers) > 0
}

// exact returns the first of two amounts that is there. One that is not is 0: of a tier, a part that costs nothing.
func exact(texts ...decimal.NullDecimal) (decimal.Decimal, bool) {
	for _, d := range texts {
		if d.Valid {
			return d.Decimal, true
		}
	}
	return decimal.Decimal{}, false
}
