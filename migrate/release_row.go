package migrate

import (
	"context"

	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/schedule"
)

// releaseRow releases the schedule of one row. Whatever came of a request, it is asked how the schedule stands: one
// whose answer was lost may have been executed. The next attempt has a key of its own, because Stripe may have stored
// an error under the last.
func (r *release) releaseRow(ctx context.Context, e ledger.Entry) error {
	j := job{entry: e, from: e.State}
	var failure *StripeError
	for attempt := 1; ; attempt++ {
		state, err := send(ctx, r.op.requester, reading, func() (ScheduleState, error) {
			return r.op.m.gateway.Schedule(ctx, j.entry.ScheduleID)
		})
		if unread := asStripeError(err); unread != nil {
			if unread.missing() && !r.op.migration.Livemode { // deleted with the test data, or with a test clock
				r.ended.Add(1)
				return r.op.record(ctx, &j, ledger.Canceled)
			}
			return r.recordFailure(ctx, &j, unread)
		}
		if settled, err := r.settle(ctx, &j, state); settled || err != nil {
			return err
		}
		if failure != nil && (failure.Outcome != Unknown || attempt > maxAttempts) {
			return r.recordFailure(ctx, &j, failure)
		}
		leaves, err := r.op.acquire(ctx)
		if err != nil {
			return err
		}
		j.chooseKeyTo("release", r.op.migration, r.op.m.clock.Now())
		_, failure, err = sendIntended(ctx, r.op.requester, leaves, func() error { return r.op.record(ctx, &j, ledger.Releasing) }, func() (ScheduleState, error) {
			return r.op.m.gateway.ReleaseSchedule(ctx, j.entry.ScheduleID, j.entry.Key)
		})
		if err != nil {
			return err
		}
		if failure == nil {
			return r.op.record(ctx, &j, ledger.Released)
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
		return true, r.op.record(ctx, j, ledger.Released)
	case s.Status == StatusCanceled:
		r.ended.Add(1)
		return true, r.op.record(ctx, j, ledger.Canceled)
	case s.Status == StatusCompleted:
		r.ended.Add(1)
	case s.Status == StatusNotStarted || s.Subscription == "":
		r.notStarted.Add(1)
	case s.EndBehavior != schedule.EndRelease:
		r.keep(j.entry, KeptEnds)
	case s.LaterPhases:
		r.keep(j.entry, KeptChanges)
	default:
		return false, nil
	}
	return true, r.leaveAlone(ctx, j)
}

func (r *release) keep(e ledger.Entry, reason string) {
	r.keptRows.Add(1)
	r.op.mu.Lock()
	defer r.op.mu.Unlock()
	if len(r.kept) < maxFailures {
		r.kept = append(r.kept, Kept{Row: e.Row, Line: e.Line, Customer: e.Customer, ScheduleID: e.ScheduleID, Reason: reason})
	}
}

// leaveAlone takes back an intent that an earlier release has left behind.
func (r *release) leaveAlone(ctx context.Context, j *job) error {
	if j.from == ledger.Releasing {
		return r.op.record(ctx, j, ledger.Scheduled)
	}
	return nil
}

// recordFailure records why a row could not be released.
func (r *release) recordFailure(ctx context.Context, j *job, failure *StripeError) error {
	if err := r.op.recordFailure("not released", j, failure); err != nil {
		return err
	}
	return r.leaveAlone(ctx, j)
}
