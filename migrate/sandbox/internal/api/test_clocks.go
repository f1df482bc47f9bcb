package api

import (
	"context"

	"github.com/subferry/subferry/migrate/sandbox/internal/apierr"
	"github.com/subferry/subferry/migrate/sandbox/internal/engine"
	"github.com/subferry/subferry/migrate/sandbox/internal/object"
	"github.com/subferry/subferry/migrate/sandbox/internal/store"
)

// Stripe's limits on test clocks.
const (
	clockDays      = 30 // until a clock deletes itself
	clockCustomers = 3
	clockIntervals = 2 // of the shortest subscription, per advance
)

var testClockRoutes = map[string]handler{
	"GET /v1/test_helpers/test_clocks":                       listTestClocks,
	"POST /v1/test_helpers/test_clocks":                      createTestClock,
	"GET /v1/test_helpers/test_clocks/{test_clock}":          retrieveTestClock,
	"DELETE /v1/test_helpers/test_clocks/{test_clock}":       deleteTestClock,
	"POST /v1/test_helpers/test_clocks/{test_clock}/advance": advanceTestClock,
}

func listTestClocks(c *call) (any, error) {
	return page(c, c.tx.Store.Clocks, "test clock", "", func(*object.TestClock) bool { return true })
}

func createTestClock(c *call) (any, error) {
	frozen, _ := c.params.Int("frozen_time")
	o := &object.TestClock{
		ID:           c.tx.Store.IDs.Next("clock"),
		Object:       "test_helpers.test_clock",
		Created:      c.tx.Now,
		DeletesAfter: c.tx.Now + clockDays*24*60*60,
		FrozenTime:   frozen,
		Name:         text(c.params, "name"),
		Status:       "ready",
	}
	c.tx.Clocks.Put(o)
	store.Emit(c.tx, "test_helpers.test_clock.created", o)
	return o, nil
}

func retrieveTestClock(c *call) (any, error) {
	return retrieved(c, &c.tx.Clocks, "test clock", "test_clock")
}

// advanceTestClock does everything due on the way before it answers. Stripe answers at once and needs a while; a client
// that waits for status=ready works with both. What falls due is committed step by step, before the clock itself: a
// crash in between leaves a clock that can be advanced again.
func advanceTestClock(c *call) (any, error) {
	if _, err := retrieved(c, &c.tx.Clocks, "test clock", "test_clock"); err != nil {
		return nil, err
	}
	o := c.tx.Clocks.Edit(c.id)
	to, _ := c.params.Int("frozen_time")
	if to <= o.FrozenTime {
		return nil, apierr.Invalid("frozen_time", "The frozen_time must be after the test clock's current time (%d).", o.FrozenTime)
	}
	if most := furthest(c.tx.Store, o); to > most {
		return nil, apierr.Invalid("frozen_time", "A test clock can be advanced by at most two intervals of its shortest subscription: here to %d.", most)
	}
	if err := engine.RunClock(context.Background(), c.tx.Store, object.Text(c.id), to); err != nil {
		return nil, err
	}
	o.FrozenTime = to
	store.Emit(c.tx, "test_helpers.test_clock.ready", o)
	return o, nil
}

// furthest is how far a clock may be advanced at once. Without subscriptions Stripe allows two years.
func furthest(s *store.Store, clock *object.TestClock) int64 {
	most := clock.FrozenTime + 2*366*24*60*60
	for _, customer := range s.Customers.OnClock(clock.ID) {
		for _, sub := range s.Subscriptions.Of(customer.ID) {
			if !sub.Ended() {
				most = min(most, engine.SubscriptionInterval(sub).Add(clock.FrozenTime, clockIntervals))
			}
		}
	}
	return most
}

// deleteTestClock removes a clock and its customers with all they have.
func deleteTestClock(c *call) (any, error) {
	o, err := retrieved(c, &c.tx.Clocks, "test clock", "test_clock")
	if err != nil {
		return nil, err
	}
	c.tx.EnterClock(object.Text(o.ID))
	for _, customer := range c.tx.Store.Customers.OnClock(c.id) {
		engine.RemoveCustomer(c.tx, customer.ID)
	}
	c.tx.Clocks.Remove(c.id)
	return deletion("test_helpers.test_clock", c.id), nil
}
