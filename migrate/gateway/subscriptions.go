package gateway

import (
	"context"
	"net/http"

	"github.com/stripe/stripe-go/v76"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
)

// Subscriptions returns one page of at most 100 subscriptions that match the filter and are not canceled, newest first,
// with one request.
func (g *Gateway) Subscriptions(ctx context.Context, f migrate.SubscriptionFilter) (migrate.SubscriptionPage, error) {
	params := &stripe.SubscriptionListParams{Customer: text(f.Customer)} // without a status: all but the canceled ones
	params.Limit = stripe.Int64(pageSize)
	params.StartingAfter = text(f.After)
	var list subscriptionList
	if err := g.send(ctx, request{method: http.MethodGet, path: "/v1/subscriptions", params: params}, &list); err != nil {
		return migrate.SubscriptionPage{}, err
	}
	found := migrate.SubscriptionPage{Subscriptions: make([]migrate.SubscriptionState, 0, len(list.Data)), More: list.HasMore}
	for i := range list.Data {
		found.Subscriptions = append(found.Subscriptions, list.Data[i].state())
	}
	return found, nil
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

// ListsHide tells whether lists that name no customer may leave some out: in test mode they do with all that belongs to
// a test clock. That takes one request in test mode and none in live mode, which has no test clocks.
func (g *Gateway) ListsHide(ctx context.Context) (bool, error) {
	if g.key.Livemode() {
		return false, nil
	}
	params := &stripe.TestHelpersTestClockListParams{}
	params.Limit = stripe.Int64(1)
	var list clockList
	err := g.send(ctx, request{method: http.MethodGet, path: "/v1/test_helpers/test_clocks", params: params}, &list)
	return len(list.Data) > 0, err
}

// liveAnswer is the part of a subscription that tells whose it is, and what has made it.
type liveAnswer struct {
	ID        string            `json:"id"`
	Customer  reference         `json:"customer"`
	Status    string            `json:"status"`
	Schedule  reference         `json:"schedule"`
	StartDate csvspec.Timestamp `json:"start_date"`
	Metadata  map[string]string `json:"metadata"`
}

func (a *liveAnswer) state() migrate.SubscriptionState {
	return migrate.SubscriptionState{
		ID: a.ID, Customer: string(a.Customer), Status: a.Status, Schedule: string(a.Schedule), StartDate: a.StartDate, Metadata: a.Metadata,
	}
}

// subscriptionList is one page of subscriptions.
type subscriptionList struct {
	stripe.APIResource
	page
	Data []liveAnswer `json:"data"`
}

// clockList is one page of test clocks, of which only their number counts.
type clockList struct {
	stripe.APIResource
	page
	Data []struct{} `json:"data"`
}
