package gateway

import (
	"context"
	"net/http"

	"github.com/stripe/stripe-go/v76"

	"github.com/subferry/subferry/migrate"
)

// Account returns the account that the key belongs to, with one request. Whether it is live mode is read from the
// key: the account object itself does not say.
func (g *Gateway) Account(ctx context.Context) (migrate.Account, error) {
	var a accountAnswer
	if err := g.send(ctx, request{method: http.MethodGet, path: "/v1/account"}, &a); err != nil {
		return migrate.Account{}, err
	}
	return migrate.Account{ID: a.ID, Livemode: g.key.Livemode()}, nil
}

type accountAnswer struct{ stripe.Account }

func (a *accountAnswer) complete() bool { return a.ID != "" }
