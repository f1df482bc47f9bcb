package gateway

import (
	"context"
	"net/http"

	"github.com/stripe/stripe-go/v76"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/schedule"
)

// CreateSubscription asks for one direct subscription under an idempotency key, with one request.
func (g *Gateway) CreateSubscription(ctx context.Context, s schedule.Subscription, key string) (migrate.SubscriptionState, error) {
	return g.subscription(ctx, request{method: http.MethodPost, path: "/v1/subscriptions", key: key, params: subscriptionParams(s)})
}

// Subscription returns a subscription as it is now, with one request.
func (g *Gateway) Subscription(ctx context.Context, id string) (migrate.SubscriptionState, error) {
	return g.subscription(ctx, request{method: http.MethodGet, path: objectPath("subscriptions", id)})
}

// CancelSubscription ends a subscription at once, without an invoice and without proration, with one request.
func (g *Gateway) CancelSubscription(ctx context.Context, id string) error {
	_, err := g.subscription(ctx, request{
		method: http.MethodDelete, path: objectPath("subscriptions", id),
		params: &stripe.SubscriptionCancelParams{InvoiceNow: stripe.Bool(false), Prorate: stripe.Bool(false)},
	})
	return err
}

func (g *Gateway) subscription(ctx context.Context, r request) (migrate.SubscriptionState, error) {
	var a oneSubscription
	if err := g.send(ctx, r, &a); err != nil {
		return migrate.SubscriptionState{}, err
	}
	return a.state(a.LastResponse), nil
}

// Subscriptions returns one page of at most 100 subscriptions that match the filter, newest first, with one request.
func (g *Gateway) Subscriptions(ctx context.Context, f migrate.SubscriptionFilter) (migrate.SubscriptionPage, error) {
	params := &stripe.SubscriptionListParams{Customer: text(f.Customer)} // without a status: all but the canceled ones
	if f.Canceled {
		params.Status = stripe.String("all")
	}
	params.Limit = stripe.Int64(pageSize)
	params.StartingAfter = text(f.After)
	var list subscriptionList
	if err := g.send(ctx, request{method: http.MethodGet, path: "/v1/subscriptions", params: params}, &list); err != nil {
		return migrate.SubscriptionPage{}, err
	}
	found := migrate.SubscriptionPage{Subscriptions: make([]migrate.SubscriptionState, 0, len(list.Data)), More: list.HasMore}
	for i := range list.Data {
		found.Subscriptions = append(found.Subscriptions, list.Data[i].state(list.LastResponse))
	}
	return found, nil
}

// Invoices returns one page of at most 100 invoices that match the filter, newest first, with one request.
func (g *Gateway) Invoices(ctx context.Context, f migrate.InvoiceFilter) (migrate.InvoicePage, error) {
	params := &stripe.InvoiceListParams{Subscription: &f.Subscription}
	params.Limit = stripe.Int64(pageSize)
	params.StartingAfter = text(f.After)
	var list struct {
		stripe.APIResource
		page
		Data []migrate.InvoiceState `json:"data"`
	}
	err := g.send(ctx, request{method: http.MethodGet, path: "/v1/invoices", params: params}, &list)
	return migrate.InvoicePage{Invoices: list.Data, More: list.HasMore}, err
}

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

// oneSubscription is the answer to a request for one.
type oneSubscription struct {
	stripe.APIResource
	subscriptionAnswer
}

func (a *oneSubscription) complete() bool { return a.ID != "" && a.Object == "subscription" }

// subscriptionAnswer is the part of a subscription that tells whose it is, what has made it, and when it bills.
type subscriptionAnswer struct {
	ID                 string            `json:"id"`
	Object             string            `json:"object"`
	Customer           reference         `json:"customer"`
	Status             string            `json:"status"`
	Schedule           reference         `json:"schedule"`
	StartDate          csvspec.Timestamp `json:"start_date"`
	TrialEnd           csvspec.Timestamp `json:"trial_end"`
	BillingCycleAnchor csvspec.Timestamp `json:"billing_cycle_anchor"`
	Created            csvspec.Timestamp `json:"created"`
	Metadata           map[string]string `json:"metadata"`
}

// state returns what was read; the answer is the subscription's own or that of the list it came in.
func (a *subscriptionAnswer) state(answer *stripe.APIResponse) migrate.SubscriptionState {
	return migrate.SubscriptionState{
		ID: a.ID, Customer: string(a.Customer), Status: a.Status, Schedule: string(a.Schedule), StartDate: a.StartDate,
		TrialEnd: a.TrialEnd, BillingCycleAnchor: a.BillingCycleAnchor, Created: a.Created, Metadata: a.Metadata,
		RequestID: answer.RequestID, Replayed: isReplayed(answer.Header),
	}
}

// subscriptionList is one page of subscriptions.
type subscriptionList struct {
	stripe.APIResource
	page
	Data []subscriptionAnswer `json:"data"`
}

// clockList is one page of test clocks, of which only their number counts.
type clockList struct {
	stripe.APIResource
	page
	Data []struct{} `json:"data"`
}
