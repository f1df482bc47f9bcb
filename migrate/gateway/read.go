package gateway

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"

	"github.com/stripe/stripe-go/v76"
)

// Read makes one GET request and returns the answer's JSON as Stripe wrote it: no field is lost because v76 has no type
// for it. The path begins with /v1/; query may be nil. The error is a *migrate.StripeError.
func (g *Gateway) Read(ctx context.Context, path string, query url.Values) (json.RawMessage, error) {
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	var a rawAnswer
	err := g.send(ctx, request{method: http.MethodGet, path: path}, &a)
	return a.text, err
}

// rawAnswer keeps an answer as it came.
type rawAnswer struct {
	stripe.APIResource
	text json.RawMessage
}

// UnmarshalJSON implements json.Unmarshaler.
func (a *rawAnswer) UnmarshalJSON(text []byte) error {
	a.text = slices.Clone(text)
	return nil
}

func (a *rawAnswer) complete() bool { return len(a.text) > 0 && a.text[0] == '{' }
