package gateway

import (
	"context"
	"net/http"

	"github.com/stripe/stripe-go/v76"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/schedule"
)

// pageSize is the most that Stripe returns in one page of a list.
const pageSize = 100

// CreateSchedule asks for one schedule under an idempotency key, with one request.
func (g *Gateway) CreateSchedule(ctx context.Context, s schedule.Schedule, key string) (migrate.ScheduleState, error) {
	return g.schedule(ctx, request{
		method: http.MethodPost, path: "/v1/subscription_schedules", key: key, params: scheduleParams(s),
	})
}

// Schedule returns a schedule as it is now, with one request.
func (g *Gateway) Schedule(ctx context.Context, id string) (migrate.ScheduleState, error) {
	return g.schedule(ctx, request{method: http.MethodGet, path: objectPath("subscription_schedules", id)})
}

// CancelSchedule cancels a schedule under an idempotency key, with one request. Both invoice_now and prorate are
// true unless said otherwise, and undoing a migration must bill nothing.
func (g *Gateway) CancelSchedule(ctx context.Context, id, key string) (migrate.ScheduleState, error) {
	return g.schedule(ctx, request{
		method: http.MethodPost, path: objectPath("subscription_schedules", id) + "/cancel", key: key,
		params: &stripe.SubscriptionScheduleCancelParams{InvoiceNow: stripe.Bool(false), Prorate: stripe.Bool(false)},
	})
}

// ReleaseSchedule releases a schedule under an idempotency key, with one request: its subscription goes on by itself. Should
// the schedule have come to set an end to the subscription meanwhile, that end stays.
func (g *Gateway) ReleaseSchedule(ctx context.Context, id, key string) (migrate.ScheduleState, error) {
	return g.schedule(ctx, request{
		method: http.MethodPost, path: objectPath("subscription_schedules", id) + "/release", key: key,
		params: &stripe.SubscriptionScheduleReleaseParams{PreserveCancelDate: stripe.Bool(true)},
	})
}

// CancelSubscription ends a subscription at once, without an invoice and without proration, with one request.
func (g *Gateway) CancelSubscription(ctx context.Context, id string) error {
	var a subscriptionAnswer
	return g.send(ctx, request{
		method: http.MethodDelete, path: objectPath("subscriptions", id),
		params: &stripe.SubscriptionCancelParams{InvoiceNow: stripe.Bool(false), Prorate: stripe.Bool(false)},
	}, &a)
}

type subscriptionAnswer struct {
	stripe.APIResource
	ID string `json:"id"`
}

func (a *subscriptionAnswer) complete() bool { return a.ID != "" }

func (g *Gateway) schedule(ctx context.Context, r request) (migrate.ScheduleState, error) {
	var a scheduleAnswer
	if err := g.send(ctx, r, &a); err != nil {
		return migrate.ScheduleState{}, err
	}
	return a.state(a.LastResponse), nil
}

// Schedules returns one page of at most 100 schedules that match the filter, newest first, with one request.
func (g *Gateway) Schedules(ctx context.Context, f migrate.ScheduleFilter) (migrate.SchedulePage, error) {
	var list scheduleList
	err := g.send(ctx, request{method: http.MethodGet, path: "/v1/subscription_schedules", params: scheduleListParams(f)}, &list)
	if err != nil {
		return migrate.SchedulePage{}, err
	}
	found := migrate.SchedulePage{Schedules: make([]migrate.ScheduleState, 0, len(list.Data)), More: list.HasMore}
	for i := range list.Data {
		found.Schedules = append(found.Schedules, list.Data[i].state(list.LastResponse))
	}
	return found, nil
}

func scheduleListParams(f migrate.ScheduleFilter) *stripe.SubscriptionScheduleListParams {
	params := &stripe.SubscriptionScheduleListParams{Customer: text(f.Customer)}
	params.Limit = stripe.Int64(pageSize)
	params.StartingAfter = text(f.After)
	if f.NotStarted {
		params.Scheduled = &f.NotStarted
	}
	return params
}
