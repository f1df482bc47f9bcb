package csvspec

import "strings"

// IsStripeExport tells whether a header with these names is that of the subscriptions that Stripe's Dashboard exports:
// id, Customer ID, …, Plan, …, Status, …, Current Period End (UTC).
func IsStripeExport(names []string) bool {
	have := map[string]bool{}
	for _, raw := range names {
		name, _ := cleanName(raw)
		have[strings.ToLower(name)] = true
	}
	has := func(among ...string) bool {
		for _, name := range among {
			if have[name] {
				return true
			}
		}
		return false
	}
	return has("customer id") && has("status") && has("plan", "price", "price id", "product") &&
		has("current period end (utc)", "current period end")
}

// IsStripeExport tells whether the header is that of Stripe's own export of subscriptions.
func (h *Header) IsStripeExport() bool {
	names := make([]string, len(h.Columns))
	for i, c := range h.Columns {
		names[i] = c.Raw
	}
	return IsStripeExport(names)
}
