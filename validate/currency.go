package validate

import "github.com/subferry/subferry/csvspec"

// currencies returns the currencies Stripe supports, each with the smallest step of its amounts in minor units: ISK
// and UGX are written with two decimals that must be 00, three-decimal currencies with a last decimal of 0.
//
// Source: docs.stripe.com/currencies.
func currencies() map[string]int64 {
	steps := make(map[string]int64)
	for _, code := range csvspec.Currencies() {
		steps[code] = 1
		if decimals, _ := csvspec.Decimals(code); decimals == 3 {
			steps[code] = 10
		}
	}
	steps["isk"], steps["ugx"] = 100, 100
	return steps
}
