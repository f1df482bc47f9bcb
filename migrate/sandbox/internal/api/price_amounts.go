package api

import (
	"strconv"
	"strings"

	"github.com/subferry/subferry/migrate/sandbox/internal/apierr"
	"github.com/subferry/subferry/migrate/sandbox/internal/billing"
	"github.com/subferry/subferry/migrate/sandbox/internal/engine"
	"github.com/subferry/subferry/migrate/sandbox/internal/form"
	"github.com/subferry/subferry/migrate/sandbox/internal/object"
)

// amountDecimals is how many decimals Stripe keeps of a unit_amount_decimal.
const amountDecimals = 12

// setAmounts sets what a price costs: one amount, or tiers.
func setAmounts(o *object.Price, p *form.Node) error {
	if p.Has("billing_scheme") {
		o.BillingScheme = p.String("billing_scheme")
	}
	if d := p.Get("transform_quantity"); d != nil {
		by, _ := d.Int("divide_by")
		if by < 1 {
			return apierr.Coded("parameter_invalid_integer", d.PathOf("divide_by"), "This value must be greater than or equal to 1.")
		}
		o.TransformQuantity = &object.TransformQuantity{DivideBy: by, Round: d.String("round")}
	}
	if o.BillingScheme == "tiered" {
		return setTiers(o, p)
	}
	if p.Has("tiers") || p.Has("tiers_mode") {
		return apierr.Invalid("tiers", "tiers and tiers_mode may only be set when billing_scheme is tiered.")
	}
	var err error
	o.UnitAmount, o.UnitAmountDecimal, err = amount(p, "unit_amount")
	if err == nil && o.UnitAmountDecimal == "" {
		err = apierr.Missing("unit_amount")
	}
	if err == nil {
		err = Chargeable(o.UnitAmount, o.Currency, "unit_amount")
	}
	return err
}

// amount reads NAME or NAME_decimal, which exclude each other. Both results are empty when neither was sent; the
// integer is nil when there is a fraction of the smallest unit.
func amount(p *form.Node, name string) (*int64, object.Text, error) {
	whole, decimal := p.Get(name), p.Get(name+"_decimal")
	if whole != nil && decimal != nil {
		return nil, "", apierr.Coded("parameters_exclusive", whole.Path, "You may only specify one of these parameters: %s, %s_decimal.", name, name)
	}
	sent := whole
	if sent == nil {
		sent = decimal
	}
	if sent == nil {
		return nil, "", nil
	}
	if strings.HasPrefix(sent.Text, "-") {
		return nil, "", apierr.Coded("parameter_invalid_integer", sent.Path, "Invalid non-negative integer")
	}
	text := sent.Text
	if strings.Contains(text, ".") { // the shortest text is kept
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	if _, fraction, _ := strings.Cut(text, "."); len(fraction) > amountDecimals {
		return nil, "", apierr.Invalid(sent.Path, "Invalid decimal: at most %d decimals are allowed.", amountDecimals)
	}
	d, err := billing.ParseDecimal(text)
	switch {
	case err != nil:
		return nil, "", apierr.Coded("parameter_invalid_integer", sent.Path, "Invalid integer: %s", sent.Text)
	case !d.Within(mostAmount):
		return nil, "", apierr.Coded("amount_too_large", sent.Path, "Amount must be no more than %d.", int64(mostAmount))
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return nil, object.Text(text), nil
	}
	return &n, object.Text(text), nil
}

func setTiers(o *object.Price, p *form.Node) error {
	if p.Has("unit_amount") || p.Has("unit_amount_decimal") {
		return apierr.Invalid("unit_amount", "You may not set unit_amount when billing_scheme is tiered.")
	}
	if !p.Has("tiers_mode") {
		return apierr.Missing("tiers_mode")
	}
	o.TiersMode = text(p, "tiers_mode")
	if o.TransformQuantity != nil {
		return apierr.Invalid("transform_quantity", "You may not set transform_quantity when billing_scheme is tiered.")
	}
	var err error
	o.Tiers, err = readTiers(p, o.Currency)
	return err
}

func readTiers(p *form.Node, code string) ([]object.Tier, error) {
	sent := p.List("tiers")
	if len(sent) == 0 {
		return nil, apierr.Missing(p.PathOf("tiers"))
	}
	var tiers []object.Tier
	for i, one := range sent {
		tier, err := readTier(one, code)
		if err != nil {
			return nil, err
		}
		last := i == len(sent)-1
		if last != (tier.UpTo == nil) {
			return nil, apierr.Invalid(one.PathOf("up_to"), "The last tier, and no other, must have up_to=inf.")
		}
		if i > 0 && !last && *tier.UpTo <= *tiers[i-1].UpTo {
			return nil, apierr.Invalid(one.PathOf("up_to"), "Tiers must be in ascending order of up_to.")
		}
		tiers = append(tiers, tier)
	}
	return tiers, nil
}

func readTier(p *form.Node, code string) (object.Tier, error) {
	var tier object.Tier
	var err error
	if tier.UnitAmount, tier.UnitAmountDecimal, err = amount(p, "unit_amount"); err != nil {
		return tier, err
	}
	if tier.FlatAmount, tier.FlatAmountDecimal, err = amount(p, "flat_amount"); err != nil {
		return tier, err
	}
	if tier.UnitAmountDecimal == "" && tier.FlatAmountDecimal == "" {
		return tier, apierr.Missing(p.PathOf("unit_amount"))
	}
	tier.UpTo = number(p, "up_to")
	if tier.UpTo != nil && *tier.UpTo < 1 {
		return tier, apierr.Coded("parameter_invalid_integer", p.PathOf("up_to"), "This value must be greater than or equal to 1.")
	}
	if err := Chargeable(tier.UnitAmount, code, p.PathOf("unit_amount")); err != nil {
		return tier, err
	}
	return tier, Chargeable(tier.FlatAmount, code, p.PathOf("flat_amount"))
}

// setCurrencyOptions reads what a price costs in other currencies.
func setCurrencyOptions(o *object.Price, p *form.Node) error {
	for _, one := range p.Fields {
		code := strings.ToLower(one.Name)
		if !engine.KnownCurrency(code) || code == o.Currency {
			return apierr.Invalid(one.Path, "Invalid currency: %s. It must be a currency Stripe supports, and not the price's own.", one.Name)
		}
		option, err := currencyOption(o, one, code)
		if err != nil {
			return err
		}
		if o.CurrencyOptions == nil {
			o.CurrencyOptions = map[string]object.CurrencyOption{}
		}
		o.CurrencyOptions[code] = option
	}
	return nil
}

func currencyOption(o *object.Price, p *form.Node, code string) (object.CurrencyOption, error) {
	option := object.CurrencyOption{TaxBehavior: "unspecified"}
	for _, f := range p.Fields {
		switch f.Name {
		case "unit_amount", "unit_amount_decimal", "tiers", "tax_behavior":
		case "custom_unit_amount":
			return option, apierr.NotImitated(f.Path)
		default:
			return option, apierr.Unknown([]string{f.Path})
		}
	}
	if p.Has("tax_behavior") {
		option.TaxBehavior = text(p, "tax_behavior")
	}
	var err error
	if o.BillingScheme == "tiered" {
		option.Tiers, err = readTiers(p, code)
		return option, err
	}
	option.UnitAmount, option.UnitAmountDecimal, err = amount(p, "unit_amount")
	if err == nil && option.UnitAmountDecimal == "" {
		err = apierr.Missing(p.PathOf("unit_amount"))
	}
	if err == nil {
		err = Chargeable(option.UnitAmount, code, p.PathOf("unit_amount"))
	}
	return option, err
}
