package migrate

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/subferry/subferry/migrate/ledger"
)

// skew is by how much Stripe's clock may differ from ours.
const skew = 5 * time.Minute

// lookup searches a customer's schedules for the one that was made for a row. A canceled one counts only when it was
// made since the row was last begun: an older one belongs to a migration that was undone.
func (r *run) lookup(ctx context.Context, e ledger.Entry) (found ScheduleState, ok bool, err error) {
	err = r.walk(ctx, ScheduleFilter{Customer: e.Customer}, func(s ScheduleState) error {
		row, mine := markedRow(s, r.migration.ID)
		if !mine || row != e.Row {
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

// walk shows every schedule that matches the filter to see, page by page, until it returns an error.
func (r *run) walk(ctx context.Context, f ScheduleFilter, see func(ScheduleState) error) error {
	for {
		page, err := send(ctx, &r.sender, reading, func() (SchedulePage, error) { return r.gateway.Schedules(ctx, f) })
		if err != nil {
			return err
		}
		for _, s := range page.Schedules {
			if err := see(s); err != nil {
				return err
			}
		}
		if !page.More || len(page.Schedules) == 0 {
			return nil
		}
		f.After = page.Schedules[len(page.Schedules)-1].ID
	}
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
