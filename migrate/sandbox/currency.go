package sandbox

import (
	"strings"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/sandbox/internal/apierr"
	"github.com/subferry/subferry/migrate/sandbox/internal/billing"
)

// knownCurrency tells whether Stripe supports the currency, which must be in lower case.
func knownCurrency(code string) bool { return code == lower(code) && csvspec.Step(code) > 0 }

// chargeable refuses an amount that its currency cannot express.
func chargeable(amount *int64, code, param string) error {
	if unit := csvspec.Step(code); amount != nil && *amount%unit != 0 {
		return apierr.Invalid(param, "Invalid amount: amounts in %s must be a multiple of %d, but this one is %d.", code, unit, *amount)
	}
	return nil
}

// charging is what a currency asks of an amount that is collected. Of the
// currencies whose amounts have two decimals that must be 00, Stripe documents
// the rounding of computed amounts for UGX only.
func charging(code string) billing.Charging {
	c := billing.Charging{Multiple: 1}
	if code == "ugx" {
		c.Multiple = csvspec.Step(code)
	}
	c.Minimum, _ = csvspec.MinimumCharge(code)
	return c
}

func lower(text string) string { return strings.ToLower(text) }
