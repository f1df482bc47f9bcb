package validate

import "github.com/subferry/subferry/csvspec"

// currencies returns the currencies Stripe supports, each with the step of its amounts (csvspec.Step).
func currencies() map[string]int64 {
	steps := make(map[string]int64)
	for _, code := range csvspec.Currencies() {
		steps[code] = csvspec.Step(code)
	}
	return steps
}
