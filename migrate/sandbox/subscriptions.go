package sandbox

import (
	"github.com/subferry/subferry/migrate/sandbox/internal/object"
)

func subscriptionHandlers() map[string]handler {
	return map[string]handler{
		"GET /v1/subscriptions":                              listSubscriptions,
		"POST /v1/subscriptions":                             createSubscription,
		"POST /v1/subscriptions/{subscription_exposed_id}":   updateSubscription,
		"GET /v1/subscriptions/{subscription_exposed_id}":    retrieveSubscription,
		"DELETE /v1/subscriptions/{subscription_exposed_id}": cancelSubscription,
	}
}

func listSubscriptions(c *call) (any, error) {
	p := c.params
	return page(c, c.tx.state.subscriptions, "subscription", p.String("customer"), func(o *object.Subscription) bool {
		return same(p, "collection_method", o.CollectionMethod) && statusFilter(p.String("status"), o.Status) && within(p, "created", o.Created) &&
			within(p, "current_period_start", o.CurrentPeriodStart) && within(p, "current_period_end", o.CurrentPeriodEnd) &&
			(!p.Has("price") || hasPrice(o, p.String("price"))) && (o.TestClock == "" || p.Has("customer"))
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

func hasPrice(o *object.Subscription, id string) bool {
	for _, item := range o.Items.Data {
		if item.Price.ID == id {
			return true
		}
	}
	return false
}

func retrieveSubscription(c *call) (any, error) {
	return retrieved(c, &c.tx.subscriptions, "subscription", "id")
}

func cancelSubscription(c *call) (any, error) {
	o, err := c.openSubscription()
	if err != nil {
		return nil, err
	}
	if err := c.tx.creditable(o, c.params.Bool("prorate")); err != nil {
		return nil, err
	}
	c.tx.settle(o, c.params.Bool("prorate"), c.params.Bool("invoice_now"))
	c.tx.endSubscription(o, "cancellation_requested")
	if schedule := c.tx.schedules.edit(string(o.Schedule)); schedule != nil && open(schedule) {
		schedule.Status = object.ScheduleCanceled
		schedule.CanceledAt = object.Stamp(c.tx.now)
		schedule.CurrentPhase = nil
		emit(c.tx, "subscription_schedule.canceled", schedule)
	}
	return o, nil
}

// openSubscription is the subscription in the path, for a change. One that
// has ended is no longer found, as at Stripe.
func (c *call) openSubscription() (*object.Subscription, error) {
	o, err := retrieved(c, &c.tx.subscriptions, "subscription", "id")
	if err != nil {
		return nil, err
	}
	if ended(o) {
		return nil, c.tx.noSuch("subscription", c.id, "id").NotFound()
	}
	c.tx.enter(o.TestClock)
	return c.tx.subscriptions.edit(c.id), nil
}
