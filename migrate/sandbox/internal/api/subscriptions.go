package api

import (
	"slices"

	"github.com/subferry/subferry/migrate/sandbox/internal/engine"
	"github.com/subferry/subferry/migrate/sandbox/internal/object"
	"github.com/subferry/subferry/migrate/sandbox/internal/store"
)

var subscriptionRoutes = map[string]handler{
	"GET /v1/subscriptions":                              listSubscriptions,
	"POST /v1/subscriptions":                             createSubscription,
	"POST /v1/subscriptions/{subscription_exposed_id}":   updateSubscription,
	"GET /v1/subscriptions/{subscription_exposed_id}":    retrieveSubscription,
	"DELETE /v1/subscriptions/{subscription_exposed_id}": cancelSubscription,
}

func listSubscriptions(c *call) (any, error) {
	p := c.params
	return page(c, c.tx.Store.Subscriptions, "subscription", p.String("customer"), func(o *object.Subscription) bool {
		return same(p, "collection_method", o.CollectionMethod) && statusFilter(p.String("status"), o.Status) && within(p, "created", o.Created) &&
			within(p, "current_period_start", o.CurrentPeriodStart) && within(p, "current_period_end", o.CurrentPeriodEnd) &&
			(!p.Has("price") || slices.ContainsFunc(o.Items.Data, func(i *object.SubscriptionItem) bool { return i.Price.ID == p.String("price") })) && (o.TestClock == "" || p.Has("customer"))
	})
}

// statusFilter is Stripe's: without one, everything but canceled.
func statusFilter(filter, status string) bool {
	switch filter {
	case "":
		return status != object.SubscriptionCanceled
	case "all":
		return true
	case "ended":
		return status == object.SubscriptionCanceled || status == object.SubscriptionIncompleteExpired
	}
	return status == filter
}

func retrieveSubscription(c *call) (any, error) {
	return retrieved(c, &c.tx.Subscriptions, "subscription", "id")
}

func cancelSubscription(c *call) (any, error) {
	o, err := c.openSubscription()
	if err != nil {
		return nil, err
	}
	if err := c.creditable(o, c.params.Bool("prorate")); err != nil {
		return nil, err
	}
	engine.EndSubscription(c.tx, o, engine.Ending{Prorate: c.params.Bool("prorate"), InvoiceNow: c.params.Bool("invoice_now")})
	if schedule := c.tx.Schedules.Edit(string(o.Schedule)); schedule != nil && schedule.Open() {
		schedule.Status = object.ScheduleCanceled
		schedule.CanceledAt = object.Stamp(c.tx.Now)
		schedule.CurrentPhase = nil
		store.Emit(c.tx, "subscription_schedule.canceled", schedule)
	}
	return o, nil
}

// openSubscription is the subscription in the path, for a change. One that has ended is no longer found, as at Stripe.
func (c *call) openSubscription() (*object.Subscription, error) {
	o, err := retrieved(c, &c.tx.Subscriptions, "subscription", "id")
	if err != nil {
		return nil, err
	}
	if o.Ended() {
		return nil, c.noSuch("subscription", c.id, "id").NotFound()
	}
	c.tx.EnterClock(o.TestClock)
	return c.tx.Subscriptions.Edit(c.id), nil
}
