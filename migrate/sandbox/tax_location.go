package sandbox

import (
	"github.com/subferry/subferry/migrate/sandbox/apierr"
	"github.com/subferry/subferry/migrate/sandbox/object"
)

// taxable refuses automatic tax for a customer whose address does not say
// where it is: a country, and in the US and Canada a postal code.
func taxable(customer *object.Customer, automatic bool) error {
	if !automatic {
		return nil
	}
	a := customer.Address
	if a == nil || a.Country == "" || (a.Country == "US" || a.Country == "CA") && a.PostalCode == "" {
		return apierr.Coded("customer_tax_location_invalid", "automatic_tax",
			"The customer's location isn't recognized. Set a valid customer address in order to automatically calculate tax.")
	}
	return nil
}

// automaticTax tells whether any phase computes its tax automatically.
func automaticTax(phases []object.Phase) bool {
	for _, p := range phases {
		if p.AutomaticTax.Enabled {
			return true
		}
	}
	return false
}
