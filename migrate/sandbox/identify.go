package sandbox

import "github.com/subferry/subferry/migrate/sandbox/internal/object"

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
