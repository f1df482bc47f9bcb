package sandbox

// wrote tells whether the transaction put an object of that kind and ID.
func (t *tx) wrote(kind, id string) bool {
	switch kind {
	case "customer":
		return t.customers.wrote(id)
	case "product":
		return t.products.wrote(id)
	case "price":
		return t.prices.wrote(id)
	case "coupon":
		return t.coupons.wrote(id)
	case "tax_rate":
		return t.taxRates.wrote(id)
	case "subscription_schedule":
		return t.schedules.wrote(id)
	case "subscription":
		return t.subscriptions.wrote(id)
	}
	return false
}

func (v *view[O]) wrote(id string) bool {
	_, ok := v.at[id]
	return ok
}
