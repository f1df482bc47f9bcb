package api

import (
	"github.com/subferry/subferry/migrate/sandbox/internal/object"
)

var accountRoutes = map[string]handler{
	"GET /v1/account":      retrieveAccount,
	"GET /v1/tax/settings": retrieveTaxSettings,
}

func retrieveAccount(c *call) (any, error) {
	account := c.tx.Store.Account
	return &account, nil
}

// retrieveTaxSettings shows the default tax behavior that an account file may state. Stripe Tax is not set up further:
// it is not imitated.
func retrieveTaxSettings(c *call) (any, error) {
	settings := &object.TaxSettings{
		Object:   "tax.settings",
		Defaults: object.TaxDefaults{TaxBehavior: object.Text(c.tx.Store.TaxBehavior())},
		Status:   "pending",
	}
	settings.StatusDetails.Pending.MissingFields = object.Array[string]{"head_office"}
	return settings, nil
}
