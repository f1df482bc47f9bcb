package cutover

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/internal/standing"
	"github.com/subferry/subferry/migrate/internal/workers"
	"github.com/subferry/subferry/migrate/ledger"
)

// batchSize is how many rows are compared again with their file at once, right before they are stopped.
const batchSize = 500

// each does something about rows, in parallel, and with those of one customer one after the other.
func (w *work) each(ctx context.Context, rows []standing.Row, do func(context.Context, ledger.Entry) error) error {
	pool := workers.New(w.Workers, w.seed, w.options.Halt, func(r standing.Row) error {
		err := w.source.Sender.ForCustomer(ctx, w.result.SourceAccount, string(r.Old.Customer), func() error { return do(ctx, r.Entry) })
		if err != nil {
			return err
		}
		w.mu.Lock()
		w.progress.Done++
		w.progress.Failed = w.result.Failed
		w.progress.Retries = w.source.Sender.Retries() + w.destination.Sender.Retries()
		p := w.progress
		w.mu.Unlock()
		w.Observe(p)
		return nil
	})
	for _, r := range rows {
		if pool.Submit(string(r.Old.Customer), r) != nil {
			break
		}
	}
	return pool.Wait()
}

// ended is the error of a cutover, or an undo, that has dealt with its rows.
func (w *work) ended(ctx context.Context, err error) error {
	switch {
	case err != nil && (ctx.Err() != nil || w.halted() || errors.Is(err, migrate.ErrInterrupted)):
		return migrate.ErrInterrupted
	case err != nil:
		return err
	case w.result.Unsettled > 0:
		return &UnsettledError{w.result.Unsettled}
	}
	return nil
}

// maxAttempts is how often a change of unknown outcome is sent at most.
const maxAttempts = 5

// stop stops the source of one row. It is read again first: what it was when the plan was made may have changed since.
// Whatever comes of the request, the subscription is asked how it stands: an answer that was lost may have been executed.
// Each attempt has a key of its own, because Stripe may have stored an error under the last.
func (w *work) stop(ctx context.Context, e ledger.Entry) error {
	var failure *migrate.StripeError
	r, err := standing.Reread(ctx, w.destination, w.source, e)
	for attempt := 1; err == nil; attempt++ {
		d := w.decide(&r)
		switch {
		case d.do == isDone:
			w.count(&w.result.Done, 1)
			w.count(&w.result.ToDo, -1)
			return w.found(ctx, e, ledger.SourceStopped, d.mark.text(), "")
		case d.do != stopIt:
			w.count(&w.result.ToDo, -1)
			if d.do == endsOff { // somebody has ended it just now
				if kept, err := w.unchanged(ctx, []standing.Row{r}); err != nil || len(kept) == 0 {
					return err
				}
			}
			_, err := w.settle(ctx, &r, d)
			return err
		case failure != nil && failure.Outcome == migrate.Refused && !failure.Replayed:
			return w.failed(ctx, &e, "refused", ledger.SourceRefused, failure)
		case attempt > maxAttempts:
			w.count(&w.result.Unsettled, 1)
			return nil
		}
		if failure, err = w.send(ctx, &e, "stop", ledger.SourceStopping, d.mark.text(), d.mark.change()); err != nil {
			return err
		}
		if failure != nil && failure.Outcome == migrate.Retryable {
			return failure
		}
		r.Entry = e
		r.Old, err = standing.Get[standing.Subscription](ctx, w.source, "subscriptions", e.SourceID, nil)
	}
	return err
}

// send makes the intent durable, and sends one change under a key of its own. failure is what Stripe said to it; nil is
// that it was done, as far as Stripe says.
func (w *work) send(ctx context.Context, e *ledger.Entry, verb string, to ledger.SourceState, stop string, c migrate.SubscriptionChange) (failure *migrate.StripeError, err error) {
	from := e.Source
	e.SourceAttempt++
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %s/%d %s %d %d", verb, w.mig.ID, e.Row, e.SourceID, e.SourceAttempt, w.Clock.Now().Unix()))
	e.SourceKey, e.SourceStop, e.SourceNote = "subferry_"+hex.EncodeToString(sum[:16]), stop, ""
	_, failure, err = migrate.TellIntended(ctx, w.source.Sender, func() error {
		err := w.record(ctx, e, from, to)
		from = to
		return err
	}, func() (migrate.SubscriptionState, error) {
		return w.Source.Writer.ChangeSubscription(ctx, e.SourceID, c, e.SourceKey)
	})
	return failure, err
}

// failed records that Stripe said no. A key that may not do it ends the cutover: every other row would fare the same.
func (w *work) failed(ctx context.Context, e *ledger.Entry, code string, to ledger.SourceState, failure *migrate.StripeError) error {
	from := e.Source
	e.SourceNote = failure.Message
	if err := w.record(ctx, e, from, to); err != nil {
		return err
	}
	if failure.Status == 401 || failure.Status == 403 {
		return failure
	}
	sentence := "Stripe said no: " + failure.Message
	if failure.Status == 0 { // a finding of our own
		sentence = failure.Message
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.result.ToDo--
	w.result.Failed++
	row := rowOf(*e, code, sentence)
	row.RequestID, row.StripeCode = failure.RequestID, failure.Code
	w.result.Failures = append(w.result.Failures, row)
	return nil
}
