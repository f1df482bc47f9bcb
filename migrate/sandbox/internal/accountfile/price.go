package accountfile

import (
	"errors"
	"fmt"
	"strings"

	"github.com/subferry/subferry/migrate/sandbox/internal/api"
	"github.com/subferry/subferry/migrate/sandbox/internal/engine"
	"github.com/subferry/subferry/migrate/sandbox/internal/object"
)

// price fills in what follows from the rest of a price.
func (l loader) price(o *object.Price) error {
	o.Currency = strings.ToLower(o.Currency)
	if err := fillRecurring(o); err != nil {
		return err
	}
	if len(o.Tiers) > 0 {
		o.BillingScheme = "tiered"
	}
	o.UnitAmountDecimal = filled(o.UnitAmount, o.UnitAmountDecimal)
	if err := errors.Join(fillTiers("tiers", o.Tiers), fillOptions(o)); err != nil {
		return err
	}
	switch {
	case o.ByMeter() && l.tx.Meters.Get(string(o.Recurring.Meter)) == nil:
		return fmt.Errorf("recurring.meter: the meter %q is not among the meters", o.Recurring.Meter)
	case o.Recurring != nil && o.Recurring.Meter != "" && !o.Metered():
		return errors.New("recurring.meter goes with usage_type metered")
	case !engine.KnownCurrency(o.Currency):
		return fmt.Errorf("currency: the currency %q is none of Stripe's", o.Currency)
	case l.tx.Products.Get(o.Product) == nil:
		return fmt.Errorf("product: the product %q is not among the products", o.Product)
	case o.BillingScheme == "tiered" && (len(o.Tiers) == 0 || o.TiersMode == ""):
		return errors.New("tiers: a tiered price has tiers and tiers_mode")
	case o.BillingScheme == "per_unit" && !amountGiven(o.UnitAmountDecimal):
		return errors.New("unit_amount is missing or no amount")
	}
	return errors.Join(checkPrice(o), kindIs(o.Object, "price"))
}

func fillRecurring(o *object.Price) error {
	r := o.Recurring
	if r == nil {
		return nil
	}
	o.Type = "recurring"
	if r.IntervalCount == 0 {
		r.IntervalCount = 1
	}
	if r.UsageType == "" {
		r.UsageType = "licensed"
	}
	return api.CheckInterval(r, "recurring")
}

// fillTiers completes the amounts of tiers; only the last one has no end.
func fillTiers(field string, tiers []object.Tier) error {
	for i := range tiers {
		t := &tiers[i]
		t.UnitAmountDecimal = filled(t.UnitAmount, t.UnitAmountDecimal)
		t.FlatAmountDecimal = filled(t.FlatAmount, t.FlatAmountDecimal)
		if (t.UpTo == nil) != (i == len(tiers)-1) {
			return fmt.Errorf("%s[%d].up_to: the last tier, and no other, has up_to null", field, i)
		}
		if !amountGiven(t.UnitAmountDecimal) && !amountGiven(t.FlatAmountDecimal) {
			return fmt.Errorf("%s[%d]: a tier has a unit_amount or a flat_amount", field, i)
		}
	}
	return nil
}

// fillOptions completes the amounts in other currencies. Stripe lists the price's own currency among them, which may be
// left out.
func fillOptions(o *object.Price) error {
	for code, option := range o.CurrencyOptions {
		option.UnitAmountDecimal = filled(option.UnitAmount, option.UnitAmountDecimal)
		if err := fillTiers("currency_options."+code+".tiers", option.Tiers); err != nil {
			return err
		}
		if !engine.KnownCurrency(code) {
			return fmt.Errorf("the currency %q in currency_options is none of Stripe's, lower case", code)
		}
		if !amountGiven(option.UnitAmountDecimal) && len(option.Tiers) == 0 {
			return fmt.Errorf("currency_options.%s has no unit_amount", code)
		}
		if option.TaxBehavior == "" {
			option.TaxBehavior = "unspecified"
		}
		o.CurrencyOptions[code] = option
	}
	return nil
}

// filled is the decimal of an amount that was given as an integer only.
func filled(whole *int64, decimal object.Text) object.Text {
	if decimal == "" && whole != nil {
		return object.Text(fmt.Sprint(*whole))
	}
	return decimal
}

// amountGiven tells whether a decimal is there and can be computed with.
func amountGiven(decimal object.Text) bool {
	_, err := engine.ParseAmount(decimal)
	return decimal != "" && err == nil
}
