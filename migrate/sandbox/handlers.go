package sandbox

import (
	"maps"

	"github.com/subferry/subferry/migrate/sandbox/internal/object"
)

// handlers are all endpoints the sandbox answers, by method and path.
func handlers() map[string]handler {
	all := map[string]handler{"GET /v1/account": retrieveAccount, "GET /v1/tax/settings": retrieveTaxSettings}
	for _, family := range []map[string]handler{
		customerHandlers(),
		productHandlers(),
		priceHandlers(),
		couponHandlers(),
		taxRateHandlers(),
		scheduleHandlers(),
		subscriptionHandlers(),
		subscriptionItemHandlers(),
		paymentMethodHandlers(),
		invoiceHandlers(),
		eventHandlers(),
		testClockHandlers(),
	} {
		maps.Copy(all, family)
	}
	return all
}

func retrieveAccount(c *call) (any, error) {
	account := c.tx.state.account
	return &account, nil
}

// retrieveTaxSettings shows the default tax behavior that an account file may
// state. Stripe Tax is not set up further: it is not imitated.
func retrieveTaxSettings(c *call) (any, error) {
	settings := &object.TaxSettings{
		Object:   "tax.settings",
		Defaults: object.TaxDefaults{TaxBehavior: object.Text(c.tx.state.founded.TaxBehavior)},
		Status:   "pending",
	}
	settings.StatusDetails.Pending.MissingFields = object.Array[string]{"head_office"}
	return settings, nil
}
