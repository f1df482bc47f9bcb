package engine

import (
	"github.com/subferry/subferry/migrate/sandbox/internal/object"
	"github.com/subferry/subferry/migrate/sandbox/internal/store"
)

// RemoveCustomer deletes a customer and ends what it had.
func RemoveCustomer(t *store.Tx, id string) {
	for _, one := range t.Store.Schedules.Of(id) {
		if one.Open() {
			EndSchedule(t, t.Schedules.Edit(one.ID), Ending{})
		}
	}
	for _, one := range t.Store.Subscriptions.Of(id) {
		if sub := t.Subscriptions.Edit(one.ID); !sub.Ended() {
			EndSubscription(t, sub, Ending{})
		}
	}
	store.Emit(t, "customer.deleted", t.Customers.Get(id))
	t.Customers.Remove(id)
}

// ScheduledEnd is when a schedule ends its subscription; 0 when it does not. The subscription shows it as cancel_at,
// although the schedule does it.
func ScheduledEnd(o *object.Schedule) object.Stamp {
	if o.EndBehavior != "cancel" {
		return 0
	}
	return object.Stamp(o.Phases[len(o.Phases)-1].EndDate)
}

// EndSchedule cancels a schedule and the subscription it started, if any.
func EndSchedule(t *store.Tx, o *object.Schedule, ending Ending) {
	o.Status = object.ScheduleCanceled
	o.CanceledAt = object.Stamp(t.Now)
	o.CurrentPhase = nil
	if sub := t.Subscriptions.Edit(string(o.Subscription)); sub != nil && !sub.Ended() {
		EndSubscription(t, sub, ending)
	}
	store.Emit(t, "subscription_schedule.canceled", o)
}

// ReleaseSchedule ends a schedule and leaves its subscription as it is: it goes on, and nothing ends it any more.
func ReleaseSchedule(t *store.Tx, o *object.Schedule) {
	o.Status = object.ScheduleReleased
	o.ReleasedAt = object.Stamp(t.Now)
	o.ReleasedSubscription, o.Subscription = o.Subscription, ""
	o.CurrentPhase = nil
	if one := t.Subscriptions.Edit(string(o.ReleasedSubscription)); one != nil {
		one.Schedule = ""
		if !one.Ended() {
			one.CancelAt = 0
		}
	}
	store.Emit(t, "subscription_schedule.released", o)
}
