package gateway

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/form"

	"github.com/subferry/subferry/migrate"
)

// Gateway is a migrate.Gateway over HTTP. It is safe for concurrent use.
type Gateway struct {
	key Key
	api stripe.Backend
}

var _ migrate.Gateway = (*Gateway)(nil)

// Format writes what the gateway is, whatever the verb, and none of its fields.
func (g *Gateway) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, "gateway with "+g.key.String())
}

// request is one call of the API.
type request struct {
	method string
	path   string
	key    string // idempotency key; "" for reads
	params any    // a params struct of stripe-go; nil for none
}

// send makes the one HTTP request of a call and decodes its answer into v. The error is a *migrate.StripeError.
func (g *Gateway) send(ctx context.Context, r request, v answer) error {
	ctx, seen := withExchange(ctx)
	params := &stripe.Params{Context: ctx}
	if r.key != "" {
		params.IdempotencyKey = &r.key
	}
	var values *form.Values
	if r.params != nil {
		values = &form.Values{}
		form.AppendTo(values, r.params)
	}
	err := g.api.CallRaw(r.method, r.path, g.key.secret(), values, params, v)
	if err == nil && v.complete() && seen.status < http.StatusMultipleChoices {
		return nil
	}
	return g.classify(err, seen)
}

// answer is an object that Stripe returns.
type answer interface {
	stripe.LastResponseSetter

	// complete tells whether the object is one, so that a JSON text of something else (a proxy's, a portal's) is
	// not taken for success.
	complete() bool
}

// objectPath returns the path of one object. IDs of coupons and old plans are free text: whatever stands in them,
// the path stays within the collection.
func objectPath(collection, id string) string {
	escaped := url.PathEscape(id)
	if strings.Trim(escaped, ".") == "" {
		escaped = strings.ReplaceAll(escaped, ".", "%2E")
	}
	return "/v1/" + collection + "/" + escaped
}
