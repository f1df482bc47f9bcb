package sandbox

import (
	"strings"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/sandbox/apierr"
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

func lower(text string) string { return strings.ToLower(text) }
