package api

import (
	"github.com/subferry/subferry/migrate/sandbox/internal/apierr"
	"github.com/subferry/subferry/migrate/sandbox/internal/engine"
	"github.com/subferry/subferry/migrate/sandbox/internal/object"
)

var scheduleRoutes = map[string]handler{
	"GET /v1/subscription_schedules":                     listSchedules,
	"POST /v1/subscription_schedules":                    createSchedule,
	"GET /v1/subscription_schedules/{schedule}":          retrieveSchedule,
	"POST /v1/subscription_schedules/{schedule}":         updateSchedule,
	"POST /v1/subscription_schedules/{schedule}/cancel":  cancelSchedule,
	"POST /v1/subscription_schedules/{schedule}/release": releaseSchedule,
}

func listSchedules(c *call) (any, error) {
	p := c.params
	return page(c, c.tx.Store.Schedules, "subscription schedule", p.String("customer"), func(o *object.Schedule) bool {
		return sameBool(p, "scheduled", o.Status == object.ScheduleNotStarted) && within(p, "created", o.Created) &&
			within(p, "canceled_at", int64(o.CanceledAt)) && within(p, "completed_at", int64(o.CompletedAt)) &&
			within(p, "released_at", int64(o.ReleasedAt)) && (o.TestClock == "" || p.Has("customer"))
	})
}

func retrieveSchedule(c *call) (any, error) {
	return retrieved(c, &c.tx.Schedules, "subscription schedule", "schedule")
}

// openSchedule is the schedule in the path, for a verb that needs it open.
func (c *call) openSchedule(verb, past string) (*object.Schedule, error) {
	o, err := retrieved(c, &c.tx.Schedules, "subscription schedule", "schedule")
	if err != nil {
		return nil, err
	}
	if !o.Open() {
		return nil, apierr.Invalid("", "You cannot %s a subscription schedule that is currently in the `%s` status. Only subscription schedules that are in the `not_started` or `active` status can be %s.", verb, o.Status, past)
	}
	c.tx.EnterClock(o.TestClock)
	return c.tx.Schedules.Edit(c.id), nil
}

func cancelSchedule(c *call) (any, error) {
	o, err := c.openSchedule("cancel", "canceled")
	if err != nil {
		return nil, err
	}
	prorate := c.params.BoolOr("prorate", true)
	if err := c.creditable(c.tx.Subscriptions.Get(string(o.Subscription)), prorate); err != nil {
		return nil, err
	}
	engine.EndSchedule(c.tx, o, engine.Ending{Prorate: prorate, InvoiceNow: c.params.BoolOr("invoice_now", true)})
	return o, nil
}

func releaseSchedule(c *call) (any, error) {
	o, err := c.openSchedule("release", "released")
	if err != nil {
		return nil, err
	}
	end, sub := engine.ScheduledEnd(o), c.tx.Subscriptions.Get(string(o.Subscription))
	engine.ReleaseSchedule(c.tx, o)
	if sub != nil && end != 0 && c.params.Bool("preserve_cancel_date") {
		sub = c.tx.Subscriptions.Edit(sub.ID)
		sub.CancelAt, sub.CanceledAt = end, object.Stamp(c.tx.Now)
	}
	return o, nil
}
