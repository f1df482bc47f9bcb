package gateway

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/stripe/stripe-go/v76"

	"github.com/subferry/subferry/migrate"
)

// Gateway is a migrate.Gateway over HTTP. It is safe for concurrent use.
type Gateway struct {
	key    Key
	api    stripe.Backend
	http   *http.Client // what api sends with
	base   string
	stream string // where the stream of usage is

	identified func(migrate.Account)
}

var _ migrate.Gateway = (*Gateway)(nil)

// Format writes what the gateway is, whatever the verb, and none of its fields.
func (g *Gateway) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, "gateway with "+g.key.String())
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
