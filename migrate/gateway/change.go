package gateway

import (
	"context"
	"net/http"

	"github.com/stripe/stripe-go/v76"

	"github.com/subferry/subferry/migrate"
)

// ChangeSubscription changes how a subscription ends, or whether it is collected from, with one request under an idempotency
// key. Nothing is said of proration: with none, Stripe takes a coupon away as long as the billing anchor lies in the future.
func (g *Gateway) ChangeSubscription(ctx context.Context, id string, c migrate.SubscriptionChange, key string) (migrate.SubscriptionState, error) {
	params := &stripe.SubscriptionParams{CancelAtPeriodEnd: c.CancelAtPeriodEnd, Metadata: c.Metadata}
	switch {
	case c.CancelAt == nil:
	case c.CancelAt.IsBlank():
		params.AddExtra("cancel_at", "")
	default:
		params.CancelAt = timestamp(*c.CancelAt)
	}
	switch {
	case c.Pause == nil:
	case *c.Pause == "":
		params.AddExtra("pause_collection", "")
	default:
		params.PauseCollection = &stripe.SubscriptionPauseCollectionParams{Behavior: c.Pause}
	}
	return g.subscription(ctx, request{method: http.MethodPost, path: objectPath("subscriptions", id), key: key, params: params})
}
