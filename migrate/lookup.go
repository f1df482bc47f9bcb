package migrate

import (
	"context"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/schedule"
)

// skew is by how much Stripe's clock may differ from ours.
const skew = 5 * time.Minute

// lookup searches a customer's schedules for the one that was made for a row. A canceled one counts only when it was
// made since the row was last begun: an older one belongs to a migration that was undone.
func (r *run) lookup(ctx context.Context, e ledger.Entry) (found ScheduleState, ok bool, err error) {
	err = r.walk(ctx, ScheduleFilter{Customer: e.Customer}, func(s ScheduleState) error {
		if tag, ok := schedule.ParseTag(s.Metadata); !ok || tag != (schedule.Tag{Migration: r.migration.ID, Row: e.Row}) {
			return nil
		}
		current := s.Status != StatusCanceled || s.Created.Time().After(e.IntendedAt.Time().Add(-skew))
		if current && (!ok || found.Status == StatusCanceled) {
			found, ok = s, true
		}
		return nil
	})
	return found, ok, err
}

// walk shows every schedule that matches the filter to see, page by page, until it returns an error. A customer who does
// not exist has none.
func (r *run) walk(ctx context.Context, f ScheduleFilter, see func(ScheduleState) error) error {
	_, err := r.schedulePages(ctx, f, math.MaxInt64, see)
	return err
}

// schedulePages is walk for at most so many pages. It returns true when the list has been walked to its end.
func (r *run) schedulePages(ctx context.Context, f ScheduleFilter, most int64, see func(ScheduleState) error) (bool, error) {
	return pages(most, func(after string) ([]ScheduleState, bool, error) {
		f.After = after
		page, err := send(ctx, &r.sender, reading, func() (SchedulePage, error) { return r.gateway.Schedules(ctx, f) })
		return page.Schedules, page.More, ofCustomer(f.Customer, err)
	}, func(s ScheduleState) string { return s.ID }, see)
}

// subscriptionPages shows subscriptions that are not canceled, as schedulePages does with schedules.
func (r *run) subscriptionPages(ctx context.Context, f SubscriptionFilter, most int64, see func(SubscriptionState) error) (bool, error) {
	return pages(most, func(after string) ([]SubscriptionState, bool, error) {
		f.After = after
		page, err := send(ctx, &r.sender, reading, func() (SubscriptionPage, error) { return r.gateway.Subscriptions(ctx, f) })
		return page.Subscriptions, page.More, ofCustomer(f.Customer, err)
	}, func(s SubscriptionState) string { return s.ID }, see)
}

// ofCustomer takes it for an empty list that a customer does not exist.
func ofCustomer(customer string, err error) error {
	if failure := asStripeError(err); failure != nil && customer != "" && gone(failure) {
		return nil
	}
	return err
}

// pages shows what a list holds, page by page and at most so many pages. ask returns the page after an ID, and whether
// another one follows. It returns true when the list has been walked to its end.
func pages[T any](most int64, ask func(after string) ([]T, bool, error), id func(T) string, see func(T) error) (bool, error) {
	after := ""
	for range most {
		page, more, err := ask(after)
		if err != nil {
			return false, err
		}
		for _, one := range page {
			if err := see(one); err != nil {
				return false, err
			}
		}
		if !more || len(page) == 0 {
			return true, nil
		}
		after = id(page[len(page)-1])
	}
	return false, nil
}

// resolve looks up every row that was begun before, in the order of the file and before anything is sent: those of
// unknown outcome, and those that were refused, which a runner on another machine may have scheduled since.
func (r *run) resolve(ctx context.Context) error {
	rows := slices.Sorted(maps.Keys(r.pending))
	crew := newCrew(r.workers, r.seed, r.stop, func(e ledger.Entry) error { return r.find(ctx, e) })
	for _, row := range rows {
		if crew.give(r.pending[row].Customer, r.pending[row]) != nil {
			break
		}
	}
	if err := crew.finish(); err != nil {
		return err
	}
	if crew.left.Load() {
		return ErrInterrupted // what was not looked up must not count as not made
	}
	for _, row := range rows {
		if r.settled.Has(row) {
			delete(r.pending, row)
		}
	}
	return nil
}

// find looks up one row and records the schedule that it finds.
func (r *run) find(ctx context.Context, e ledger.Entry) error {
	until, release := r.untilStop(ctx)
	defer release()
	state, found, err := r.lookup(until, e)
	if err != nil || !found {
		return err
	}
	if err := r.made(ctx, &job{entry: e, from: e.State}, state); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.settled.Add(e.Row)
	return nil
}
