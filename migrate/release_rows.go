package migrate

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync/atomic"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/schedule"
)

// release is one release of rows of a migration.
type release struct {
	run
	selection selection

	notStarted, ended, keptRows atomic.Int64
	kept                        []Kept // the first ones; guarded by mu
	failures                    failures
}

// governed are the states of rows that may have a schedule which governs a subscription.
var governed = [...]ledger.State{ledger.Scheduled, ledger.Releasing}

// count counts the rows that are to be dealt with, and refuses a selection of rows that there are not.
func (r *release) count(ctx context.Context) error {
	rows, customers := maps.Clone(r.selection.rows), maps.Clone(r.selection.customers)
	for e, err := range r.ledger.Entries(ctx, r.migration.ID) {
		if err != nil {
			return err
		}
		delete(rows, e.Row)
		delete(customers, e.Customer)
		if r.selection.has(e) && slices.Contains(governed[:], e.State) {
			r.counts.total.Add(1)
		}
	}
	if len(rows)+len(customers) > 0 {
		return &NoSuchRowsError{ID: r.migration.ID, Rows: slices.Sorted(maps.Keys(rows)), Customers: slices.Sorted(maps.Keys(customers))}
	}
	return nil
}

// sweep deals with all rows that are meant.
func (r *release) sweep(ctx context.Context) error {
	crew := newCrew(r.workers, r.seed, r.stop, func(e ledger.Entry) error { return r.one(ctx, e) })
	for e, err := range r.ledger.Entries(ctx, r.migration.ID, governed[:]...) {
		if err != nil {
			crew.halt(err)
			break
		}
		if !r.selection.has(e) {
			continue
		}
		if r.selection.all && r.farOff(e) {
			r.notStarted.Add(1)
			r.dealtWith()
			continue
		}
		if crew.give(e.Customer, e) != nil {
			break
		}
	}
	if err := crew.finish(); err != nil || !crew.left.Load() {
		return err
	}
	return ErrInterrupted
}

// farOff tells without a request whether a row is not live yet. In test mode a test clock may be ahead of ours.
func (r *release) farOff(e ledger.Entry) bool {
	return r.migration.Livemode && e.State == ledger.Scheduled && e.Start.Time().After(r.clock.Now().Add(skew))
}

// one releases one row. Whatever came of a request, it is asked how the schedule stands: one whose answer was lost may have
// been executed. The next attempt has a key of its own, because Stripe may have stored an error under the last.
func (r *release) one(ctx context.Context, e ledger.Entry) error {
	j := job{entry: e, from: e.State}
	var failure *StripeError
	for attempt := 1; ; attempt++ {
		state, err := send(ctx, &r.sender, reading, func() (ScheduleState, error) { return r.gateway.Schedule(ctx, j.entry.ScheduleID) })
		if err != nil {
			return r.unread(ctx, &j, asStripeError(err))
		}
		if settled, err := r.settle(ctx, &j, state); settled || err != nil {
			return err
		}
		if failure != nil && (failure.Outcome != Unknown || attempt > maxAttempts) {
			return r.fails(ctx, &j, failure)
		}
		if err := r.intend(ctx, &j); err != nil {
			return err
		}
		_, err = send(ctx, &r.sender, writing, func() (ScheduleState, error) {
			return r.gateway.ReleaseSchedule(ctx, j.entry.ScheduleID, j.entry.Key)
		})
		if failure = asStripeError(err); failure == nil {
			return r.step(ctx, &j, ledger.Released)
		}
		if failure.Outcome == Retryable {
			return failure
		}
	}
}

// settle records a row with which nothing is to be done, by the status that its schedule has in Stripe at this moment.
func (r *release) settle(ctx context.Context, j *job, s ScheduleState) (bool, error) {
	switch {
	case s.Status == StatusReleased:
		return true, r.step(ctx, j, ledger.Released)
	case s.Status == StatusCanceled:
		r.ended.Add(1)
		return true, r.step(ctx, j, ledger.Canceled)
	case s.Status == StatusCompleted:
		r.ended.Add(1)
		return true, r.leaveAlone(ctx, j)
	case s.Status == StatusNotStarted || s.Subscription == "":
		r.notStarted.Add(1)
		return true, r.leaveAlone(ctx, j)
	case s.EndBehavior != schedule.EndRelease:
		r.keep(j.entry, KeptEnds)
		return true, r.leaveAlone(ctx, j)
	case s.LaterPhases:
		r.keep(j.entry, KeptChanges)
		return true, r.leaveAlone(ctx, j)
	}
	return false, nil
}

func (r *release) intend(ctx context.Context, j *job) error {
	j.entry.Attempt++
	j.entry.Key = releaseKey(r.migration.ID, j.entry.ScheduleID, j.entry.Attempt)
	j.entry.IntendedAt = csvspec.At(r.clock.Now())
	return r.record(ctx, j, ledger.Releasing)
}

func (r *release) keep(e ledger.Entry, reason string) {
	r.keptRows.Add(1)
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.kept) < maxFailures {
		r.kept = append(r.kept, Kept{Row: e.Row, Line: e.Line, Customer: e.Customer, ScheduleID: e.ScheduleID, Reason: reason})
	}
}

// leaveAlone takes back an intent that an earlier release has left behind.
func (r *release) leaveAlone(ctx context.Context, j *job) error {
	if j.from == ledger.Releasing {
		return r.step(ctx, j, ledger.Scheduled)
	}
	r.dealtWith()
	return nil
}

// unread deals with a schedule that cannot be read. In test mode it may have been deleted, with the test data or a test clock.
func (r *release) unread(ctx context.Context, j *job, failure *StripeError) error {
	if gone(failure) && !r.migration.Livemode {
		r.ended.Add(1)
		return r.step(ctx, j, ledger.Canceled)
	}
	return r.fails(ctx, j, failure)
}

// fails records why a row could not be released. What Stripe refused is this row's own trouble; anything else ends the
// release, to be run again.
func (r *release) fails(ctx context.Context, j *job, failure *StripeError) error {
	if failure.Outcome != Refused || failure.Status == 401 || failure.Status == 403 {
		return failure
	}
	r.counts.failed.Add(1)
	r.failures.add(j.entry, failure)
	r.log.Warn("not released", slog.Int64("row", j.entry.Row), slog.String("schedule", j.entry.ScheduleID), slog.Any("error", failure))
	return r.leaveAlone(ctx, j)
}

// step records where a row has come to, and counts it.
func (r *release) step(ctx context.Context, j *job, to ledger.State) error {
	if err := r.record(ctx, j, to); err != nil {
		return err
	}
	r.dealtWith()
	return nil
}

func (r *release) dealtWith() {
	r.counts.done.Add(1)
	r.tell(r.counts)
}

// result tells what the ledger says after a release.
func (r *release) result(ctx context.Context) (*Released, error) {
	s, err := Status(ctx, r.ledger, r.migration.ID, r.clock.Now())
	if err != nil {
		return nil, err
	}
	slices.SortFunc(r.kept, func(a, b Kept) int { return int(a.Row - b.Row) })
	return &Released{
		ID: s.ID, Released: s.Released, NotStarted: r.notStarted.Load(), Kept: r.keptRows.Load(), Ended: r.ended.Load(),
		Failed: r.counts.failed.Load(), KeptRows: r.kept, Failures: r.failures.first,
	}, nil
}
