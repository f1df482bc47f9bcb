package api

import (
	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/sandbox/internal/apierr"
	"github.com/subferry/subferry/migrate/sandbox/internal/engine"
	"github.com/subferry/subferry/migrate/sandbox/internal/form"
	"github.com/subferry/subferry/migrate/sandbox/internal/object"
)

// The greatest values the sandbox computes with. Stripe's own limits are lower or not documented; these keep every sum
// far from the end of an int64.
const (
	mostIterations = 10_000
	mostTrialDays  = 730
	mostDueDays    = 3_650
	MostMonths     = 1_200
	mostQuantity   = 999_999_999
	mostAmount     = csvspec.MaxAmount // of an amount, and of a price times its quantity
)

// limited checks a number that was sent against its least and greatest value.
func limited(p *form.Node, name string, least, most int64) error {
	v, sent := p.Int(name)
	switch {
	case !sent || v >= least && v <= most:
		return nil
	case v < least:
		return apierr.Coded("parameter_invalid_integer", p.PathOf(name), "This value must be greater than or equal to %d.", least)
	default:
		return apierr.Coded("parameter_invalid_integer", p.PathOf(name), "This value must be less than or equal to %d.", most)
	}
}

// amountLimit refuses an amount that Stripe does not take.
func amountLimit(amount int64, param string) error {
	if amount > mostAmount || amount < -mostAmount {
		return apierr.Coded("amount_too_large", param, "Amount must be no more than %d. It is %d.", int64(mostAmount), amount)
	}
	return nil
}

// payable refuses a quantity that costs more than Stripe takes.
func payable(price *object.Price, code string, quantity *int64, param string) error {
	return amountLimit(engine.Pricing(price, code).Amount(object.Quantity(quantity)), param)
}

// Chargeable refuses an amount that its currency cannot express.
func Chargeable(amount *int64, code, param string) error {
	if unit := csvspec.Step(code); amount != nil && *amount%unit != 0 {
		return apierr.Invalid(param, "Invalid amount: amounts in %s must be a multiple of %d, but this one is %d.", code, unit, *amount)
	}
	return nil
}
