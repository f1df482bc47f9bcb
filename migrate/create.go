package migrate

import (
	"context"
	"log/slog"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/validate"
)

// maxAttempts is how often a row is tried when Stripe keeps answering with errors of its own. Each stored error takes
// two: the one that it answers, and the one that shows that it is stored.
const maxAttempts = 8

// planned returns what is to be created for a row, if anything is.
func (r *run) planned(row *csvspec.Row, findings validate.Findings) (ShardRow, bool) {
	n := int64(row.Source.Row)
	_, chosen := r.chosen[n]
	if r.settled.Has(n) || findings.HasErrors() || r.chosen != nil && !chosen || r.review.LeavesOut(n) || r.duplicates.has(n) {
		return ShardRow{}, false
	}
	planned, err := r.review.Planner().FromRow(row)
	if err != nil { // the review has counted and shown it
		return ShardRow{}, false
	}
	return newShardRow(row, planned, r.op.migration.ID), true
}

// create takes one row as far as it goes, to a schedule or to a direct subscription: intent, request, outcome. The error it returns ends the run; what is
// wrong with the row alone is recorded, and the run goes on.
//
// A request of which nobody knows whether it had an effect is looked up before it is sent again: under the next key
// when Stripe has brought a stored error for the old one, and under the same in all other cases. It may still be
// executing, behind the proxy that gave up on it, after the look-up has found nothing; then only the key keeps it from
// being executed twice. For the same reason a row whose key was used otherwise never gets the next key.
func (c *creation) create(ctx context.Context, j job) error {
	is := kindOf(j.entry)
	for range maxAttempts {
		release, err := c.op.acquire(ctx)
		if err != nil {
			return c.leaveForNextRun(err)
		}
		state, failure, err := sendIntended(ctx, c.op.requester, release, func() error { return c.recordIntent(ctx, &j) }, func() (made, error) {
			if failure := j.unsendable(c.op.m.clock.Now()); failure != nil {
				return made{}, failure
			}
			return is.create(ctx, c.op.m.gateway, &j)
		})
		if err != nil {
			return err
		}
		if failure == nil && state.replayed { // repeated from Stripe's memory: it may have been canceled since, with its migration
			state, err = c.op.read(ctx, is, state.id)
			failure = asStripeError(err)
			j.keyConsumed = failure == nil && state.gone()
		}
		switch {
		case failure == nil && state.gone():
			continue
		case failure == nil:
			return c.recordScheduled(ctx, &j, state)
		case failure.usedOtherwise(): // somebody else may have made it
		case failure.Outcome == Refused && failure.Replayed: // an old refusal, whose reason may be mended by now
			j.keyConsumed = true
			continue
		case failure.Outcome == Refused:
			return c.recordRefused(ctx, &j, failure)
		case failure.Outcome == Retryable: // not executed: the intent stands, and the next run sends it
			return c.leaveForNextRun(failure)
		}
		state, found, err := c.op.find(ctx, j.entry)
		if err != nil {
			j.entry.Error = failure.Error()
			if failed := c.op.record(ctx, &j, ledger.Unknown); failed != nil {
				return failed
			}
			return err
		}
		if found {
			return c.recordScheduled(ctx, &j, state)
		}
		if failure.usedOtherwise() {
			return c.recordElsewhere(ctx, &j, failure)
		}
		j.keyConsumed = failure.Replayed
	}
	return nil // a later run looks it up
}

// CodeSentElsewhere is the error code of a row of which somebody else sends something different.
const CodeSentElsewhere = "sent_elsewhere"

// recordElsewhere records that somebody else has used a row's key otherwise, a run of the same file with another ledger and
// other options, or of another version, and that nothing is to be found of it: his request may still be under way, or has
// failed and will be sent again. The row is left to a later run, and that one searches the account first.
func (c *creation) recordElsewhere(ctx context.Context, j *job, failure *StripeError) error {
	if err := c.op.ledger.SetSearched(ctx, c.op.migration.ID, 0); err != nil {
		return err
	}
	failure.Code = CodeSentElsewhere
	failure.Message = "not created: somebody else is sending this row in another way, from another computer, with another ledger or " +
		"with other options such as --direct or the unit of amounts, and what he creates is not there yet; end that run, or wait until " +
		"it has ended, and resume this one: it looks first for what he has made. If he never comes back, the row can be sent 24 " +
		"hours after he sent it. Stripe says: " + failure.Message
	return c.recordRefused(ctx, j, failure)
}

// recordIntent makes the intent durable before anything leaves, under the idempotency key that the request will have.
// It returns ErrSearchAgain when somebody else may have scheduled the row since the account was searched.
func (c *creation) recordIntent(ctx context.Context, j *job) error {
	now := c.op.m.clock.Now()
	if searchIsOld(c.op.migration, now) {
		return ErrSearchAgain
	}
	j.chooseKey(c.op.migration, now)
	return c.op.record(ctx, j, ledger.Intended)
}

// leaveForNextRun leaves a row for the next run, because the user has asked to stop, or because the context has ended.
func (c *creation) leaveForNextRun(err error) error {
	if c.op.stopping() {
		c.left.Store(true)
		return nil
	}
	return err
}

// recordScheduled records what a row has become, or that somebody has canceled it since.
func (c *creation) recordScheduled(ctx context.Context, j *job, state made) error {
	setID(&j.entry, state)
	j.entry.RequestID = state.requestID
	j.entry.Error, j.entry.ErrorCode = "", ""
	to := ledger.Scheduled
	if state.gone() {
		to = ledger.Canceled
	}
	if err := c.op.record(ctx, j, to); err != nil {
		return err
	}
	c.op.rowDone()
	c.op.m.log.Debug("scheduled", slog.Int64("row", j.entry.Row), slog.String("customer", j.entry.Customer),
		slog.String("id", state.id), slog.String("request", state.requestID))
	return nil
}

// recordRefused records that Stripe said no. A key that is not accepted ends the run.
func (c *creation) recordRefused(ctx context.Context, j *job, failure *StripeError) error {
	j.entry.Error, j.entry.ErrorCode, j.entry.RequestID = failure.Message, failure.Code, failure.RequestID
	if err := c.op.record(ctx, j, ledger.Refused); err != nil {
		return err
	}
	failures := c.op.counts.failed.Add(1)
	c.op.rowDone()
	c.op.m.log.Warn("refused", slog.Int64("row", j.entry.Row), slog.String("customer", j.entry.Customer), slog.Any("error", failure))
	switch {
	case failure.keyRefused():
		return failure
	case c.stopAfterFailures > 0 && failures >= c.stopAfterFailures:
		return &TooManyFailuresError{Failures: failures}
	}
	return nil
}
