package api

import (
	"slices"

	"github.com/subferry/subferry/migrate/sandbox/internal/apierr"
	"github.com/subferry/subferry/migrate/sandbox/internal/engine"
	"github.com/subferry/subferry/migrate/sandbox/internal/form"
	"github.com/subferry/subferry/migrate/sandbox/internal/object"
	"github.com/subferry/subferry/migrate/sandbox/internal/store"
)

func updateSchedule(c *call) (any, error) {
	o, err := c.openSchedule("update", "updated")
	if err != nil {
		return nil, err
	}
	p := c.params
	if p.Has("end_behavior") {
		if o.EndBehavior, err = endBehavior(p); err != nil {
			return nil, err
		}
	}
	if p.Has("default_settings") && !p.Has("phases") && o.Status == object.ScheduleActive {
		return nil, apierr.Invalid("default_settings", "The sandbox does not imitate changing the default_settings of a running schedule without sending its phases.")
	}
	if p.Has("default_settings") {
		if o.DefaultSettings, err = c.scheduleDefaults(p.Get("default_settings"), o.Customer); err != nil {
			return nil, err
		}
	}
	if p.Has("phases") {
		if err := c.replacePhases(o); err != nil {
			return nil, err
		}
	}
	if o.Metadata, err = metadata(o.Metadata, p, "metadata"); err != nil {
		return nil, err
	}
	if sub := c.tx.Subscriptions.Get(string(o.Subscription)); sub != nil && sub.CancelAt != engine.ScheduledEnd(o) {
		c.tx.Subscriptions.Edit(sub.ID).CancelAt = engine.ScheduledEnd(o)
	}
	store.Emit(c.tx, "subscription_schedule.updated", o)
	return o, nil
}

// replacePhases puts the sent phases in the place of the old ones. Those of a schedule that runs must begin with the
// current phase; what changes in that one takes effect now.
func (c *call) replacePhases(o *object.Schedule) error {
	start, err := c.firstStart(o)
	if err != nil {
		return err
	}
	phases, err := c.phases(c.params, start, &o.DefaultSettings, o.Customer, o.Phases[0].Currency)
	if err != nil {
		return err
	}
	if err := c.oneCurrency(c.tx.Customers.Get(o.Customer), phases[0].Currency, o.ID); err != nil {
		return err
	}
	before := o.Phases
	o.Phases = phases
	if o.Status == object.ScheduleNotStarted {
		return nil
	}
	was := max(0, slices.IndexFunc(before, func(p object.Phase) bool { return p.StartDate == o.CurrentPhase.StartDate }))
	return c.changeRunning(o, &before[was], &o.Phases[0])
}

// changeRunning makes what was sent for the current phase take effect now.
func (c *call) changeRunning(o *object.Schedule, before, current *object.Phase) error {
	if current.EndDate <= c.tx.Now {
		return apierr.Invalid("phases[0][end_date]", "The current phase's end_date (%d) must be in the future.", current.EndDate)
	}
	o.CurrentPhase = &object.CurrentPhase{StartDate: current.StartDate, EndDate: current.EndDate}
	sub := c.tx.Subscriptions.Edit(string(o.Subscription))
	behavior := c.params.String("proration_behavior")
	if behavior == "" {
		behavior = "create_prorations"
	}
	if current.TrialEnd != sub.TrialEnd && int64(max(current.TrialEnd, sub.TrialEnd)) > c.tx.Now {
		return apierr.Invalid("phases[0][trial_end]", "The sandbox does not imitate changing the trial of a running phase.")
	}
	items := engine.PhaseItems(c.tx, sub, current).Data
	if changed := len(engine.ItemsNotIn(items, sub.Items.Data)) + len(engine.ItemsNotIn(sub.Items.Data, items)); changed > 0 && behavior != "none" && engine.ProratesUnderAmountOff(c.tx, sub) {
		return prorationUnknown("proration_behavior", "proration_behavior=none")
	}
	if len(current.AddInvoiceItems) != len(before.AddInvoiceItems) {
		return apierr.Invalid("phases[0][add_invoice_items]", "The sandbox does not imitate changing the add_invoice_items of a running phase; they were charged when it began.")
	}
	coupon := current.Coupon
	if coupon == before.Coupon {
		coupon = engine.CouponOn(sub) // one that was used up is not given again
	}
	engine.ApplyPhase(c.tx, sub, o, current, coupon, behavior)
	return nil
}

// firstStart is where the sent phases begin.
func (c *call) firstStart(o *object.Schedule) (int64, error) {
	sent := c.params.List("phases")
	if o.Status == object.ScheduleActive {
		if at, _ := sent[0].Int("start_date"); at != o.CurrentPhase.StartDate {
			return 0, apierr.Invalid("phases[0][start_date]", "The first phase must be the current one: its start_date must be %d.", o.CurrentPhase.StartDate)
		}
		return o.CurrentPhase.StartDate, nil
	}
	start := timeOr(sent[0], "start_date", o.Phases[0].StartDate, c.tx.Now)
	if start <= c.tx.Now {
		return 0, apierr.Invalid("phases[0][start_date]", "The sandbox does not imitate moving a schedule's start to now or into the past; cancel it and create another.")
	}
	return start, nil
}

// timeOr reads a time that may also be the word now.
func timeOr(p *form.Node, name string, other, now int64) int64 {
	if p.String(name) == "now" {
		return now
	}
	return p.IntOr(name, other)
}
