package sandbox

import "github.com/subferry/subferry/migrate/sandbox/object"

// identify returns the kind and ID of an object that a create or update
// answers with; both are empty for anything else.
func identify(result any) (kind, id string) {
	switch o := result.(type) {
	case *object.Customer:
		return o.Object, o.ID
	case *object.Product:
		return o.Object, o.ID
	case *object.Price:
		return o.Object, o.ID
	case *object.Coupon:
		return o.Object, o.ID
	case *object.TaxRate:
		return o.Object, o.ID
	case *object.Schedule:
		return o.Object, o.ID
	case *object.Subscription:
		return o.Object, o.ID
	case *object.PaymentMethod:
		return o.Object, o.ID
	case *object.Invoice:
		return o.Object, o.ID
	case *object.TestClock:
		return o.Object, o.ID
	}
	return "", ""
}

// find returns the object of that kind and ID in a journal line, or nil.
func (r *record) find(kind, id string) any {
	switch kind {
	case "customer":
		return findIn(r.Customers, id, (*object.Customer).Key)
	case "product":
		return findIn(r.Products, id, (*object.Product).Key)
	case "price":
		return findIn(r.Prices, id, (*object.Price).Key)
	case "coupon":
		return findIn(r.Coupons, id, (*object.Coupon).Key)
	case "tax_rate":
		return findIn(r.TaxRates, id, (*object.TaxRate).Key)
	case "subscription_schedule":
		return findIn(r.Schedules, id, (*object.Schedule).Key)
	case "subscription":
		return findIn(r.Subscriptions, id, (*object.Subscription).Key)
	case "payment_method":
		return findIn(r.Methods, id, (*object.PaymentMethod).Key)
	case "invoice":
		return findIn(r.Invoices, id, (*object.Invoice).Key)
	case "test_helpers.test_clock":
		return findIn(r.Clocks, id, (*object.TestClock).Key)
	}
	return nil
}

func findIn[O any](objects []*O, id string, key func(*O) string) any {
	for _, o := range objects {
		if key(o) == id {
			return o
		}
	}
	return nil
}
