package validate

import "github.com/subferry/subferry/validate/account"

// facts says which parts of an account are known, or needed.
type facts uint8

const (
	factPrices facts = 1 << iota
	factProducts
	factCoupons
	factTaxRates
	factCustomers
)

func knownOf(a *account.Account) facts {
	var f facts
	if a == nil {
		return f
	}
	if a.Prices != nil {
		f |= factPrices
	}
	if a.Products != nil {
		f |= factProducts
	}
	if a.Coupons != nil {
		f |= factCoupons
	}
	if a.TaxRates != nil {
		f |= factTaxRates
	}
	if a.Customers != nil {
		f |= factCustomers
	}
	return f
}
