package migrate

import (
	"context"
	"log/slog"
	"time"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/validate"
)

// skew is by how much Stripe's clock may differ from ours.
const skew = 5 * time.Minute

// lookup searches a customer's schedules for the one that was made for a row. A canceled one counts only when it was
// made since the row was last begun: an older one belongs to a migration that was undone.
func (r *run) lookup(ctx context.Context, e ledger.Entry) (found ScheduleState, ok bool, err error) {
	err = r.walk(ctx, ScheduleFilter{Customer: e.Customer}, func(s ScheduleState) {
		row, mine := markedRow(s, r.migration.ID)
		if !mine || row != e.Row {
			return
		}
		current := s.Status != StatusCanceled || s.Created.Time().After(e.IntendedAt.Time().Add(-skew))
		if current && (!ok || found.Status == StatusCanceled) {
			found, ok = s, true
		}
	})
	return found, ok, err
}

// walk shows every schedule that matches the filter to see, page by page.
func (r *run) walk(ctx context.Context, f ScheduleFilter, see func(ScheduleState)) error {
	for {
		page, err := send(ctx, &r.sender, reading, func() (SchedulePage, error) { return r.gateway.Schedules(ctx, f) })
		if err != nil {
			return err
		}
		for _, s := range page.Schedules {
			see(s)
		}
		if !page.More || len(page.Schedules) == 0 {
			return nil
		}
		f.After = page.Schedules[len(page.Schedules)-1].ID
	}
}

// resolve looks up every row whose outcome is not known, before anything is sent.
func (r *run) resolve(ctx context.Context) error {
	var open []ledger.Entry
	for _, e := range r.pending {
		if e.State.Open() {
			open = append(open, e)
		}
	}
	crew := newCrew(r.workers, r.seed, r.stop, func(e ledger.Entry) error { return r.find(ctx, e) })
	for _, e := range open {
		if crew.give(e.Customer, e) != nil {
			break
		}
	}
	if err := crew.finish(); err != nil {
		return err
	}
	for _, e := range open {
		if r.settled.Has(e.Row) {
			delete(r.pending, e.Row)
		}
	}
	return nil
}

// find looks up one row and records the schedule that it finds.
func (r *run) find(ctx context.Context, e ledger.Entry) error {
	state, found, err := r.lookup(ctx, e)
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

// adopt searches the account for schedules of this very file before a new migration begins. There are none, unless
// the ledger was lost or the file was run from another machine: then they are written into the ledger.
func (r *run) adopt(ctx context.Context) error {
	found := map[int64]ScheduleState{}
	err := r.walk(ctx, ScheduleFilter{NotStarted: true}, func(s ScheduleState) {
		if row, mine := markedRow(s, r.migration.ID); mine && s.Status == StatusNotStarted {
			found[row] = s
		}
	})
	if err != nil || len(found) == 0 {
		return err
	}
	r.log.Warn("schedules of this file exist already and are adopted", slog.Int("schedules", len(found)))
	if err := r.recall(ctx); err != nil {
		return err
	}
	return r.review.Input.each(ctx, r.review.Options.validation(r.clock.Now(), r.review.Facts),
		func(row *csvspec.Row, _ []validate.Finding) error { return r.adoptRow(ctx, row, found) })
}

func (r *run) adoptRow(ctx context.Context, row *csvspec.Row, found map[int64]ScheduleState) error {
	n := int64(row.Source.Row)
	state, ok := found[n]
	if !ok || r.settled.Has(n) || state.Customer != row.Customer {
		return nil
	}
	planned, _ := Plan(row, r.review.Facts) // the schedule exists, even if its row would not be planned today
	return r.made(ctx, &job{entry: r.entry(row, planned)}, state)
}
