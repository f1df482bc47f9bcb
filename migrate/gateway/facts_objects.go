package gateway

import (
	"context"

	"github.com/stripe/stripe-go/v76"

	"github.com/subferry/subferry/validate/account"
)

type (
	productAnswer struct{ stripe.Product }
	couponAnswer  struct{ stripe.Coupon }
	taxRateAnswer struct{ stripe.TaxRate }
)

func (a *productAnswer) complete() bool { return a.ID != "" }
func (a *couponAnswer) complete() bool  { return a.ID != "" }
func (a *taxRateAnswer) complete() bool { return a.ID != "" }

func (g *Gateway) product(ctx context.Context, id string) (account.Product, bool, error) {
	var a productAnswer
	ok, err := g.get(ctx, "products", id, nil, &a)
	if !ok || a.Deleted {
		return account.Product{}, false, err
	}
	return account.Product{ID: a.ID, Active: a.Active}, true, nil
}
