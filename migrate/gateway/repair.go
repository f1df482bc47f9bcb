package gateway

import (
	"context"
	"net/http"

	"github.com/stripe/stripe-go/v76"

	"github.com/subferry/subferry/migrate/schedule"
)

// SetScheduleCoupon writes the only phase of a schedule that has not started once more, with one request under an
// idempotency key: an update replaces phases as a whole, so that all of it is sent as it was when the schedule was
// created. An amount of the row's own becomes a new price of the same amount.
func (g *Gateway) SetScheduleCoupon(ctx context.Context, id string, s schedule.Schedule, key string) error {
	phase := phaseParams(s.Phase)
	phase.StartDate = (*int64)(&s.StartDate) // for updates only, which need it
	phase.Currency = nil                     // for creating only: it stays what it is
	_, err := g.schedule(ctx, request{
		method: http.MethodPost, path: objectPath("subscription_schedules", id), key: key,
		params: &stripe.SubscriptionScheduleParams{Phases: []*stripe.SubscriptionSchedulePhaseParams{phase}},
	})
	return err
}

// SetSubscriptionCoupon gives a subscription a coupon, with one request under an idempotency key. Nothing is said of
// proration: with none, Stripe takes the coupon away again as long as the billing anchor lies in the future.
func (g *Gateway) SetSubscriptionCoupon(ctx context.Context, id, coupon, key string) error {
	_, err := g.subscription(ctx, request{
		method: http.MethodPost, path: objectPath("subscriptions", id), key: key,
		params: &stripe.SubscriptionParams{Coupon: &coupon},
	})
	return err
}
