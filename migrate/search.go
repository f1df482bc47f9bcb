package migrate

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/schedule"
	"github.com/subferry/subferry/validate"
)

// errSearchAgain ends a pass whose search of the account is too old to rely on.
var errSearchAgain = errors.New("the account has to be searched again")

// search makes sure that the ledger knows every schedule of this file that exists: it looks through the account when
// that was never done for this migration, or so long ago that Stripe may have forgotten the idempotency keys of
// schedules made since. There are none that the ledger does not know, unless it was lost or the file was run from
// another machine; those are adopted, also when their subscriptions are live by now.
//
// With it, no request can make a second schedule: one made before the search is in the ledger, and one made after it
// has the key under which this run would ask for it.
//
// The same look shows schedules and live subscriptions of other files and other programs, so that no subscription is
// scheduled beside them.
func (r *run) search(ctx context.Context) error {
	if !r.searchIsOld() && (r.others != nil || !r.review.Options.SkipScheduled) {
		return nil
	}
	if err := r.recall(ctx); err != nil {
		return err
	}
	began := csvspec.At(r.clock.Now())
	found := map[int64]ScheduleState{}
	r.others = newOthers(r)
	until, release := r.untilStop(ctx)
	defer release()
	err := r.survey(until, func(s ScheduleState) error {
		if s.Status != StatusNotStarted {
			return nil
		}
		if tag, ok := schedule.ParseTag(s.Metadata); ok && tag.Migration == r.migration.ID {
			row := tag.Row
			s.Metadata = nil // there may be a million of them
			found[row] = s
			return nil
		}
		return r.others.see(ctx, s)
	}, func(s SubscriptionState) error {
		if s.Status == statusExpired {
			return nil
		}
		if tag, ok := schedule.ParseTag(s.Metadata); ok && tag.Migration == r.migration.ID {
			found[tag.Row] = ScheduleState{ID: s.Schedule, Customer: s.Customer, Status: StatusActive, Subscription: s.ID}
			return nil
		}
		return r.others.seeLive(ctx, s)
	})
	if err != nil {
		return err
	}
	if err := r.adopt(ctx, found); err != nil {
		return err
	}
	if err := r.others.refuse(ctx); err != nil {
		return err
	}
	r.migration.SearchedAt = began
	if r.others.taken.rows.Len() > 0 {
		began = 0 // this run leaves rows out, as it was told; one that is not told has to find them by itself
	}
	return r.ledger.SetSearched(ctx, r.migration.ID, began)
}

// searchIsOld tells whether the search cannot be relied on.
func (r *run) searchIsOld() bool { return searchIsOld(r.migration, r.clock.Now()) }

// searchIsOld tells whether a migration's search cannot be relied on; nor can one of the future, after which the clock was
// set back.
func searchIsOld(m ledger.Migration, now time.Time) bool {
	age := now.Sub(m.SearchedAt.Time())
	return m.SearchedAt.IsBlank() || age > keyLife || age < 0
}

// adopt writes the schedules that were found into the ledger, those of rows that it knows already excepted.
func (r *run) adopt(ctx context.Context, found map[int64]ScheduleState) error {
	for row := range found {
		if _, begun := r.pending[row]; begun || r.settled.Has(row) {
			delete(found, row) // what was begun is looked up one by one
		}
	}
	if len(found) == 0 {
		return nil
	}
	r.log.Warn("schedules of this file exist already and are adopted", slog.Int("schedules", len(found)))
	crew := newCrew(r.workers, r.seed, r.stop, func(a adoption) error { return r.adoptRow(ctx, a) })
	err := r.review.Input.each(ctx, r.review.Options.Validation(r.review.Now, r.review.AccountData),
		func(row *csvspec.Row, _ []validate.Finding) error {
			state, ok := found[int64(row.Source.Row)]
			if !ok || state.Customer != row.Customer {
				return nil
			}
			planned, _ := schedule.FromRow(row, r.review.AccountData) // the schedule exists, even if its row would not be planned today
			return crew.give(row.Customer, adoption{r.entry(row, planned), state})
		})
	if failure := crew.finish(); failure != nil {
		return failure
	}
	if crew.left.Load() {
		return ErrInterrupted
	}
	return err
}

// adoption is a row of which the ledger knows nothing, and its schedule.
type adoption struct {
	entry ledger.Entry
	state ScheduleState
}

// adoptRow writes one row into the ledger. A subscription whose schedule has ended does not name it any more; the
// schedule still names its row.
func (r *run) adoptRow(ctx context.Context, a adoption) error {
	if a.state.ID == "" {
		ended, found, err := r.lookup(ctx, a.entry)
		if err != nil {
			return err
		}
		if !found {
			r.others.strange(a)
			return nil
		}
		a.state = ended
	}
	if err := r.made(ctx, &job{entry: a.entry}, a.state); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.settled.Add(a.entry.Row)
	return nil
}
