package accountfile

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/subferry/subferry/migrate/sandbox/internal/api"
	"github.com/subferry/subferry/migrate/sandbox/internal/billing"
	"github.com/subferry/subferry/migrate/sandbox/internal/engine"
	"github.com/subferry/subferry/migrate/sandbox/internal/object"
)

// checkCustomer refuses what would have no effect here, and has one at Stripe.
func checkCustomer(o *object.Customer) error {
	switch {
	case o.TestClock != "":
		return fmt.Errorf("test_clock: the sandbox has no clock %s; leave the field out, and the customer lives by the sandbox's own", o.TestClock)
	case o.Currency != "" && !engine.KnownCurrency(string(o.Currency)):
		return fmt.Errorf("currency: found %q; expected one of Stripe's, lower case", o.Currency)
	case o.Balance > billing.Most || o.Balance < -billing.Most:
		return fmt.Errorf("balance: found %d; expected an amount of at most %d", o.Balance, int64(billing.Most))
	}
	return oneOf("tax_exempt", o.TaxExempt, "none", "exempt", "reverse")
}

// checkCoupon holds an account file to what the API holds its callers to.
func checkCoupon(o *object.Coupon) error {
	switch {
	case (o.PercentOff == nil) == (o.AmountOff == nil):
		return errors.New("percent_off: expected either percent_off or amount_off")
	case o.PercentOff != nil && (*o.PercentOff <= 0 || *o.PercentOff > 100*object.PercentUnit):
		return fmt.Errorf("percent_off is %s; it must be more than 0 and at most 100", o.PercentOff)
	case o.AmountOff != nil && (*o.AmountOff <= 0 || *o.AmountOff > billing.Most):
		return fmt.Errorf("amount_off is %d; it must be from 1 to %d", *o.AmountOff, int64(billing.Most))
	case o.AmountOff != nil && !engine.KnownCurrency(string(o.Currency)):
		return fmt.Errorf("currency: found %q; amount_off needs one of Stripe's, lower case", o.Currency)
	case (o.Duration == "repeating") != (o.DurationInMonths != nil):
		return errors.New("duration_in_months: duration repeating, and no other, has duration_in_months")
	case o.DurationInMonths != nil && (*o.DurationInMonths < 1 || *o.DurationInMonths > api.MostMonths):
		return fmt.Errorf("duration_in_months is %d; it must be from 1 to %d", *o.DurationInMonths, api.MostMonths)
	case o.MaxRedemptions != nil && *o.MaxRedemptions < 1:
		return fmt.Errorf("max_redemptions: found %d; expected at least 1, or null", *o.MaxRedemptions)
	case o.TimesRedeemed < 0:
		return fmt.Errorf("times_redeemed: found %d; expected at least 0", o.TimesRedeemed)
	}
	for code, option := range o.CurrencyOptions {
		switch {
		case o.AmountOff == nil:
			return errors.New("currency_options: found beside percent_off; expected beside amount_off only")
		case !engine.KnownCurrency(code):
			return fmt.Errorf("currency_options: found %q; expected currencies of Stripe's, lower case", code)
		case option.AmountOff <= 0 || option.AmountOff > billing.Most:
			return fmt.Errorf("currency_options.%s.amount_off: found %d; expected from 1 to %d", code, option.AmountOff, int64(billing.Most))
		case code == string(o.Currency) && option.AmountOff != *o.AmountOff:
			return fmt.Errorf("currency_options.%s.amount_off: found %d; expected the coupon's own amount_off, %d", code, option.AmountOff, *o.AmountOff)
		}
	}
	return oneOf("duration", o.Duration, "once", "repeating", "forever")
}

// checkPrice holds a price of an account file to what the API holds its callers to: a word that nobody knows would be
// read as another one.
func checkPrice(o *object.Price) error {
	if o.Type == "recurring" && o.Recurring == nil {
		return errors.New("recurring: a price of type recurring has recurring with an interval")
	}
	if o.Recurring != nil {
		if err := oneOf("recurring.usage_type", o.Recurring.UsageType, "licensed", "metered"); err != nil {
			return err
		}
	}
	if d := o.TransformQuantity; d != nil {
		if d.DivideBy < 1 || o.BillingScheme == "tiered" {
			return errors.New("transform_quantity: it has divide_by of at least 1, and no tiers stand beside it")
		}
		if err := oneOf("transform_quantity.round", d.Round, "up", "down"); err != nil {
			return err
		}
	}
	if o.TiersMode != "" {
		if err := oneOf("tiers_mode", string(o.TiersMode), "graduated", "volume"); err != nil {
			return err
		}
	}
	return errors.Join(
		oneOf("type", o.Type, "recurring", "one_time"),
		oneOf("billing_scheme", o.BillingScheme, "per_unit", "tiered"),
		oneOf("tax_behavior", string(o.TaxBehavior), "exclusive", "inclusive", "unspecified"),
		checkAmounts(o),
	)
}

// checkAmounts checks what a price costs in each of its currencies.
func checkAmounts(o *object.Price) error {
	failed := []error{currencyAmounts("", o.Currency, o.UnitAmount, o.UnitAmountDecimal, o.Tiers)}
	for _, code := range slices.Sorted(maps.Keys(o.CurrencyOptions)) {
		option := o.CurrencyOptions[code]
		failed = append(failed, currencyAmounts("currency_options."+code+".", code, option.UnitAmount, option.UnitAmountDecimal, option.Tiers))
	}
	return errors.Join(failed...)
}

// currencyAmounts checks the amounts in one currency, whose fields begin with a path.
func currencyAmounts(path, code string, unit *int64, decimal object.Text, tiers []object.Tier) error {
	failed := []error{amountFits(path+"unit_amount", code, unit, decimal)}
	for i, t := range tiers {
		at := fmt.Sprintf("%stiers[%d].", path, i)
		failed = append(failed, amountFits(at+"unit_amount", code, t.UnitAmount, t.UnitAmountDecimal), amountFits(at+"flat_amount", code, t.FlatAmount, t.FlatAmountDecimal))
		if t.UpTo != nil && (*t.UpTo < 1 || i > 0 && *t.UpTo <= *tiers[i-1].UpTo) {
			failed = append(failed, fmt.Errorf("%sup_to: found %d; expected tiers in ascending order of up_to, from 1 on", at, *t.UpTo))
		}
	}
	return errors.Join(failed...)
}

// amountFits checks one amount, if there is one.
func amountFits(field, code string, whole *int64, decimal object.Text) error {
	if decimal == "" {
		return nil
	}
	d, err := engine.ParseAmount(decimal)
	switch {
	case err != nil:
		return fmt.Errorf("%s: found %q; expected an amount in minor units", field, decimal)
	case strings.HasPrefix(string(decimal), "-"):
		return fmt.Errorf("%s: the amount %s is negative", field, decimal)
	case !d.Within(billing.Most):
		return fmt.Errorf("%s: the amount %s is more than %d", field, decimal, int64(billing.Most))
	}
	if err := api.Chargeable(whole, code, field); err != nil {
		return fmt.Errorf("%s: %w", field, err)
	}
	return nil
}

func oneOf(field, value string, words ...string) error {
	if !slices.Contains(words, value) {
		return fmt.Errorf("%s is %q; it must be one of %s", field, value, strings.Join(words, ", "))
	}
	return nil
}
