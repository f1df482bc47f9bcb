package migrate

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/subferry/subferry/migrate/ledger"
)

// undo is one cancel of a migration.
type undo struct {
	run
	options  CancelOptions
	live     atomic.Int64
	failures failures
}

// do is the cancel, step by step. Rows of which the ledger knows no schedule come last, so that none turns up later.
func (u *undo) do(ctx context.Context) error {
	began := u.clock.Now()
	if err := u.status(ctx, ledger.StatusCanceling); err != nil {
		return err
	}
	if err := u.search(ctx); err != nil {
		return err
	}
	if err := u.count(ctx); err != nil {
		return err
	}
	if err := u.sweep(ctx, ledger.Scheduled, ledger.Canceling, ledger.Releasing, ledger.Released); err != nil {
		return err
	}
	if err := u.outlast(ctx, began); err != nil {
		return err
	}
	if err := u.sweep(ctx, ledger.Intended, ledger.Unknown, ledger.Refused); err != nil || u.counts.failed.Load() > 0 {
		return err
	}
	return u.status(ctx, ledger.StatusCanceled)
}

// count says how many rows there are to look at.
func (u *undo) count(ctx context.Context) error {
	counts, err := u.ledger.Counts(ctx, u.migration.ID, 0)
	if err != nil {
		return err
	}
	total := int64(0)
	for state, n := range counts.ByState {
		if u.looksAt(state) {
			total += n
		}
	}
	u.counts.begin(total, 0)
	u.tell(u.counts)
	return nil
}

// looksAt tells whether a cancel has something to do about rows in a state.
func (u *undo) looksAt(s ledger.State) bool {
	return s != ledger.Canceled && (s != ledger.Released || u.options.IncludeLive)
}

// one undoes one row.
func (u *undo) one(ctx context.Context, e ledger.Entry) error {
	j := job{entry: e, from: e.State}
	if e.State.Open() || e.State == ledger.Refused {
		state, found, err := u.lookup(ctx, e)
		switch {
		case err != nil:
			return err
		case !found && e.State == ledger.Refused:
			return nil
		case !found:
			return u.step(ctx, &j, ledger.Canceled)
		}
		j.entry.ScheduleID = state.ID
		if err := u.record(ctx, &j, ledger.Scheduled); err != nil {
			return err
		}
	}
	until, release := u.untilStop(ctx)
	defer release()
	state, err := send(until, &u.sender, reading, func() (ScheduleState, error) {
		return u.gateway.Schedule(until, j.entry.ScheduleID)
	})
	failure := asStripeError(err)
	switch {
	case failure == nil:
		return u.end(ctx, &j, state)
	case gone(failure) && !u.migration.Livemode: // deleted with the test data, or with a test clock
		return u.step(ctx, &j, ledger.Canceled)
	}
	return u.fails(ctx, &j, failure)
}

// gone tells whether Stripe has no such object. An ended subscription counts as none where one is to be ended.
func gone(failure *StripeError) bool {
	return failure.Outcome == Refused && failure.Code == "resource_missing"
}

// beforeStart is how close to its start a schedule is left alone: it may go live while it is being canceled.
const beforeStart = time.Minute

// end ends a schedule as far as it may be ended, by the status it has in Stripe at this moment.
func (u *undo) end(ctx context.Context, j *job, s ScheduleState) error {
	live := s.Subscription != "" || s.Status == StatusActive || u.aboutToStart(s)
	switch {
	case s.Status == StatusCanceled:
		return u.step(ctx, j, ledger.Canceled)
	case live && !u.options.IncludeLive, s.Status == StatusCompleted:
		u.live.Add(1)
		return u.stay(ctx, j, s)
	case s.Status == StatusReleased && s.Subscription == "":
		return u.stay(ctx, j, s)
	}
	return u.force(ctx, j, s)
}

// aboutToStart tells whether a schedule may go live before a request about it arrives.
func (u *undo) aboutToStart(s ScheduleState) bool {
	return s.Status == StatusNotStarted && !u.clock.Now().Add(beforeStart).Before(s.StartDate.Time())
}

// stay leaves alone what is live or governs nothing, and takes back an intent to cancel or release that an earlier command
// left behind.
func (u *undo) stay(ctx context.Context, j *job, s ScheduleState) error {
	if s.Status == StatusReleased && j.from != ledger.Released {
		return u.step(ctx, j, ledger.Released)
	}
	if j.from == ledger.Canceling || j.from == ledger.Releasing {
		return u.step(ctx, j, ledger.Scheduled)
	}
	return nil
}

// fails records why a row could not be undone. What Stripe refused is this row's own trouble; anything else ends the
// cancel, to be run again.
func (u *undo) fails(ctx context.Context, j *job, failure *StripeError) error {
	if failure.Outcome != Refused || failure.Status == 401 || failure.Status == 403 {
		return failure
	}
	u.counts.failed.Add(1)
	u.failures.add(j.entry, failure)
	u.log.Warn("not canceled", slog.Int64("row", j.entry.Row), slog.String("schedule", j.entry.ScheduleID),
		slog.Any("error", failure))
	if j.from == ledger.Canceling {
		return u.step(ctx, j, ledger.Scheduled)
	}
	return nil
}

// step records where a row has come to.
func (u *undo) step(ctx context.Context, j *job, to ledger.State) error {
	return u.record(ctx, j, to)
}
