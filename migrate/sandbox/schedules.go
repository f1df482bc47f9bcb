package sandbox

import (
	"github.com/subferry/subferry/migrate/sandbox/internal/apierr"
	"github.com/subferry/subferry/migrate/sandbox/internal/object"
)

func scheduleHandlers() map[string]handler {
	return map[string]handler{
		"GET /v1/subscription_schedules":                     listSchedules,
		"POST /v1/subscription_schedules":                    createSchedule,
		"GET /v1/subscription_schedules/{schedule}":          retrieveSchedule,
		"POST /v1/subscription_schedules/{schedule}":         updateSchedule,
		"POST /v1/subscription_schedules/{schedule}/cancel":  cancelSchedule,
		"POST /v1/subscription_schedules/{schedule}/release": releaseSchedule,
	}
}

func listSchedules(c *call) (any, error) {
	p := c.params
	return page(c, c.tx.state.schedules, "subscription schedule", p.String("customer"), func(o *object.Schedule) bool {
		return sameBool(p, "scheduled", o.Status == object.ScheduleNotStarted) && within(p, "created", o.Created) &&
			within(p, "canceled_at", int64(o.CanceledAt)) && within(p, "completed_at", int64(o.CompletedAt)) &&
			within(p, "released_at", int64(o.ReleasedAt)) && (o.TestClock == "" || p.Has("customer"))
	})
}

func retrieveSchedule(c *call) (any, error) {
	return retrieved(c, &c.tx.schedules, "subscription schedule", "schedule")
}

// open tells whether a schedule can still be canceled or released.
func open(o *object.Schedule) bool {
	return o.Status == object.ScheduleNotStarted || o.Status == object.ScheduleActive
}

// openSchedule is the schedule in the path, for a verb that needs it open.
func (c *call) openSchedule(verb, past string) (*object.Schedule, error) {
	o, err := retrieved(c, &c.tx.schedules, "subscription schedule", "schedule")
	if err != nil {
		return nil, err
	}
	if !open(o) {
		return nil, apierr.Invalid("", "You cannot %s a subscription schedule that is currently in the `%s` status. Only subscription schedules that are in the `not_started` or `active` status can be %s.", verb, o.Status, past)
	}
	c.tx.enter(o.TestClock)
	return c.tx.schedules.edit(c.id), nil
}

func cancelSchedule(c *call) (any, error) {
	o, err := c.openSchedule("cancel", "canceled")
	if err != nil {
		return nil, err
	}
	prorate := c.params.BoolOr("prorate", true)
	if err := c.tx.creditable(c.tx.subscriptions.get(string(o.Subscription)), prorate); err != nil {
		return nil, err
	}
	c.tx.endSchedule(o, prorate, c.params.BoolOr("invoice_now", true))
	return o, nil
}

// endSchedule cancels a schedule and the subscription it started, if any.
func (t *tx) endSchedule(o *object.Schedule, prorate, invoiceNow bool) {
	o.Status = object.ScheduleCanceled
	o.CanceledAt = object.Stamp(t.now)
	o.CurrentPhase = nil
	if sub := t.subscriptions.edit(string(o.Subscription)); sub != nil && !ended(sub) {
		t.settle(sub, prorate, invoiceNow)
		t.endSubscription(sub, "cancellation_requested")
	}
	emit(t, "subscription_schedule.canceled", o)
}

func releaseSchedule(c *call) (any, error) {
	o, err := c.openSchedule("release", "released")
	if err != nil {
		return nil, err
	}
	end, sub := scheduledEnd(o), c.tx.subscriptions.get(string(o.Subscription))
	c.tx.release(o)
	if sub != nil && end != 0 && c.params.Bool("preserve_cancel_date") {
		sub = c.tx.subscriptions.edit(sub.ID)
		sub.CancelAt, sub.CanceledAt = end, object.Stamp(c.tx.now)
	}
	return o, nil
}

// release ends a schedule and leaves its subscription as it is: it goes on,
// and nothing ends it any more.
func (t *tx) release(o *object.Schedule) {
	o.Status = object.ScheduleReleased
	o.ReleasedAt = object.Stamp(t.now)
	o.ReleasedSubscription, o.Subscription = o.Subscription, ""
	o.CurrentPhase = nil
	if one := t.subscriptions.edit(string(o.ReleasedSubscription)); one != nil {
		one.Schedule = ""
		if !ended(one) {
			one.CancelAt = 0
		}
	}
	emit(t, "subscription_schedule.released", o)
}
