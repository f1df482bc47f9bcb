package api

import (
	"cmp"

	"github.com/subferry/subferry/migrate/sandbox/internal/apierr"
	"github.com/subferry/subferry/migrate/sandbox/internal/object"
)

// taxable refuses automatic tax for a customer whose address does not say where it is: a country, and in the US and
// Canada a postal code.
func taxable(customer *object.Customer, automatic bool) error {
	if automatic && !located(customer.Address) {
		return apierr.Coded("customer_tax_location_invalid", "automatic_tax",
			"The customer's location isn't recognized. Set a valid customer address in order to automatically calculate tax.")
	}
	return nil
}

func located(a *object.Address) bool {
	return a != nil && a.Country != "" && (a.Country != "US" && a.Country != "CA" || a.PostalCode != "")
}

// taxOf is a customer's tax field, which Stripe shows when it is expanded.
func taxOf(customer *object.Customer) any {
	tax := map[string]any{"automatic_tax": "unrecognized_location", "ip_address": nil, "location": nil}
	if customer != nil && located(customer.Address) {
		tax["automatic_tax"] = "supported"
		tax["location"] = map[string]any{"country": customer.Address.Country, "source": "billing_address", "state": customer.Address.State}
	}
	return tax
}

// behaviorIn is a price's tax_behavior in a currency. Each currency has its own.
func behaviorIn(price *object.Price, code string) string {
	behavior := price.TaxBehavior
	if option, ok := price.CurrencyOptions[code]; ok && code != price.Currency {
		behavior = option.TaxBehavior
	}
	return string(cmp.Or(behavior, "unspecified"))
}

// taxBehaviorKnown refuses automatic tax for a price of which nobody has said whether it contains the tax.
func (c *call) taxBehaviorKnown(o *object.Phase, price *object.Price, param string) error {
	if !o.AutomaticTax.Enabled || c.tx.Store.TaxBehavior() != "" || behaviorIn(price, o.Currency) != "unspecified" {
		return nil
	}
	return apierr.Invalid(param, "The tax_behavior of price %s in %s is `unspecified`, and the account's tax settings state no default. Set it to `exclusive` or `inclusive` in order to automatically calculate tax.", price.ID, o.Currency)
}
