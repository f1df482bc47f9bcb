package migrate

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/pace"
)

const (
	// keyLife is how long an idempotency key is relied on. Stripe may forget it after 24 hours.
	keyLife = 23 * time.Hour

	// closest is how close to its start a row is still sent. A schedule whose start has passed when it arrives goes
	// live and charges at once.
	closest = 5 * time.Minute

	// maxAttempts is how often a row is tried when Stripe keeps answering with errors of its own. Each stored error takes
	// two: the one that it answers, and the one that shows that it is stored.
	maxAttempts = 8
)

// deal takes one row as far as it goes: intent, request, outcome. The error it returns ends the run; what is wrong
// with the row alone is recorded, and the run goes on.
func (r *run) deal(ctx context.Context, j job) error {
	for range maxAttempts {
		answered, err := r.turn(ctx)
		if err != nil {
			return r.leave(err)
		}
		if err := r.intend(ctx, &j); err != nil {
			answered(pace.NotAnswered)
			return err
		}
		state, err := sendNow(ctx, &r.sender, writing, answered, func() (ScheduleState, error) {
			if r.clock.Now().Add(closest).After(j.entry.Start.Time()) {
				return ScheduleState{}, tooLate(j.entry.Start)
			}
			return r.gateway.CreateSchedule(ctx, j.schedule, j.entry.Key)
		})
		if err == nil && state.Replayed {
			state, err = r.confirm(ctx, &j, state)
		}
		if done, err := r.conclude(ctx, &j, state, asStripeError(err)); done || err != nil {
			return err
		}
	}
	r.unsettled.Add(1)
	return nil
}

// leave leaves a row for the next run, because the user has asked to stop, or because the context has ended.
func (r *run) leave(err error) error {
	if r.stopping() {
		r.left.Store(true)
		return nil
	}
	return err
}

// CodeTooLate is the error code of a row that was not sent, because its start date came too close during the run.
const CodeTooLate = "start_date_came_too_close"

func tooLate(start csvspec.Timestamp) *StripeError {
	return &StripeError{
		Outcome: Refused, Code: CodeTooLate,
		Message: fmt.Sprintf("not sent: its start date %s came too close during the run; "+
			"a schedule that arrives after its start charges at once", start),
	}
}

// intend makes the intent durable before anything leaves, and chooses the idempotency key.
//
// The keys of a row are a chain: attempt 1, and the next one only when Stripe is known to have stored something else
// than a schedule under the last. After keyLife, when Stripe may have forgotten them, the chain begins anew. So two
// runners who know nothing of each other walk along the same keys, and Stripe itself keeps them from making two.
func (r *run) intend(ctx context.Context, j *job) (err error) {
	if r.searchIsOld() {
		return errSearchAgain
	}
	now := r.clock.Now()
	age := now.Sub(j.entry.IntendedAt.Time())
	switch {
	case j.entry.Attempt == 0 || age > keyLife || age < 0:
		j.entry.Attempt, j.entry.IntendedAt = 1, csvspec.At(now)
	case j.spent:
		j.entry.Attempt++
	case j.from == ledger.Intended: // the key stays, and the ledger knows that the row is being dealt with again
		return r.record(ctx, j, ledger.Intended)
	}
	j.spent = false
	j.entry.Key, err = idempotencyKey(r.migration.Account, r.migration.ID, j.entry.Row, j.schedule, j.entry.Attempt)
	if err != nil {
		return err
	}
	return r.record(ctx, j, ledger.Intended)
}

// conclude records what came of a request. It returns false when the row is to be tried again.
func (r *run) conclude(ctx context.Context, j *job, state ScheduleState, failure *StripeError) (bool, error) {
	switch {
	case failure == nil && state.Status == StatusCanceled: // made and canceled in an earlier life, see confirm
		return false, nil
	case failure == nil:
		return true, r.made(ctx, j, state)
	case failure.Outcome == Refused && failure.Replayed: // an old refusal, whose reason may be mended by now
		j.spent = true
		return false, nil
	case failure.Outcome == Refused:
		return true, r.refused(ctx, j, failure)
	case failure.Outcome == Retryable: // not executed: the intent stands, and the next run sends it
		return true, r.leave(failure)
	}
	return r.unknown(ctx, j, failure)
}

// unknown looks whether a request had an effect although its answer says nothing. Only then may it be sent again: under
// the next key when Stripe has brought a stored error for the old one, and under the same in all other cases. A request
// of which nobody knows may still be executing, behind the proxy that gave up on it, after the look-up has found nothing;
// then only the key keeps it from being executed twice.
func (r *run) unknown(ctx context.Context, j *job, failure *StripeError) (bool, error) {
	state, found, err := r.lookup(ctx, j.entry)
	switch {
	case err != nil:
		j.entry.Error = failure.Error()
		if err := r.record(ctx, j, ledger.Unknown); err != nil {
			return true, err
		}
		return true, err
	case found:
		return true, r.made(ctx, j, state)
	}
	j.spent = failure.Replayed
	return false, nil
}

// confirm asks how a schedule stands whose creation Stripe has only repeated from memory. One that was canceled in
// the meantime belongs to a migration that was undone and forgotten: the row needs a new key.
func (r *run) confirm(ctx context.Context, j *job, old ScheduleState) (ScheduleState, error) {
	now, err := send(ctx, &r.sender, reading, func() (ScheduleState, error) { return r.gateway.Schedule(ctx, old.ID) })
	if err == nil && now.Status == StatusCanceled {
		j.spent = true
	}
	return now, err
}

// made records the schedule that a row has become, or that somebody has canceled it since.
func (r *run) made(ctx context.Context, j *job, state ScheduleState) error {
	j.entry.ScheduleID, j.entry.RequestID = state.ID, state.RequestID
	j.entry.Error, j.entry.ErrorCode = "", ""
	to := ledger.Scheduled
	if state.Status == StatusCanceled {
		to = ledger.Canceled
	}
	if err := r.record(ctx, j, to); err != nil {
		return err
	}
	r.scheduled.Store(true)
	r.counts.done.Add(1)
	r.tell(r.counts)
	r.log.Debug("scheduled", slog.Int64("row", j.entry.Row), slog.String("customer", j.entry.Customer),
		slog.String("schedule", state.ID), slog.String("request", state.RequestID))
	return nil
}

// refused records that Stripe said no. A key that is not accepted ends the run: every other row would fare the same.
func (r *run) refused(ctx context.Context, j *job, failure *StripeError) error {
	j.entry.Error, j.entry.ErrorCode, j.entry.RequestID = failure.Message, failure.Code, failure.RequestID
	if err := r.record(ctx, j, ledger.Refused); err != nil {
		return err
	}
	r.counts.done.Add(1)
	failures := r.counts.failed.Add(1)
	r.tell(r.counts)
	r.log.Warn("refused", slog.Int64("row", j.entry.Row), slog.String("customer", j.entry.Customer), slog.Any("error", failure))
	switch {
	case failure.Status == 401 || failure.Status == 403:
		return failure
	case r.options.StopAfterFailures > 0 && failures >= r.options.StopAfterFailures:
		return &TooManyFailuresError{Failures: failures}
	}
	return nil
}

// record writes a step of the row into the ledger.
func (r *run) record(ctx context.Context, j *job, to ledger.State) error {
	j.entry.State, j.entry.UpdatedAt = to, csvspec.At(r.clock.Now())
	if err := r.ledger.Put(ctx, r.migration.ID, j.from, j.entry); err != nil {
		return err
	}
	j.from = to
	return nil
}
