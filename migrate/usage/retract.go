package usage

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/internal/workers"
	"github.com/subferry/subferry/migrate/ledger"
)

// retractable is how long after it has received an event Stripe cancels it, less a margin for clocks that differ.
const retractable = 24*time.Hour - 5*time.Minute

// Retraction is what came of taking events back.
type Retraction struct {
	ID        string          `json:"id"`
	Retracted int64           `json:"retracted"` // of the run, whichever command has done it
	TooLate   int64           `json:"too_late"`  // sent more than 24 hours ago; they count
	Unknown   int64           `json:"unknown"`   // begun, and it is not known whether they count: the run has to be gone on with first
	Failed    int64           `json:"failed"`
	Failures  []FailedRetract `json:"failures"` // the first ones
}

// FailedRetract is an event that could not be taken back.
type FailedRetract struct {
	Row        int64  `json:"row"`
	Line       int64  `json:"line"`
	Identifier string `json:"identifier"`
	Code       string `json:"code"`
	Message    string `json:"message"`
}

// maxFailures is how many failures a result lists.
const maxFailures = 100

// Retractable is what of a run can be taken back.
type Retractable struct {
	Events  []ledger.UsageEvent
	Late    int64     // of those that are meant, the ones that were sent too long ago
	Last    time.Time // when the last one of them was sent
	Unknown int64     // of those that are meant, the ones of which it is not known whether they count
}

// Retractable returns the events of a run that are meant, by their identifiers or all. It returns a *NoSuchEventError for an
// identifier that the run does not have.
func (r *Runner) Retractable(ctx context.Context, run ledger.UsageRun, identifiers []string) (meant Retractable, err error) {
	wanted := map[string]bool{}
	for _, id := range identifiers {
		wanted[id] = true
	}
	for e, err := range r.Ledger.UsageEvents(ctx, run.ID) {
		if err != nil {
			return meant, err
		}
		if len(identifiers) > 0 && !wanted[e.Identifier] {
			continue
		}
		delete(wanted, e.Identifier)
		switch {
		case e.State.Open():
			meant.Unknown++
		case e.State != ledger.UsageSent && e.State != ledger.UsageRetracting:
		case r.Clock.Now().Sub(e.IntendedAt.Time()) >= retractable: // it was received then, or later
			meant.Late++
			if at := e.IntendedAt.Time(); at.After(meant.Last) {
				meant.Last = at
			}
		default:
			meant.Events = append(meant.Events, e)
		}
	}
	for id := range wanted {
		return meant, &NoSuchEventError{run.ID, id}
	}
	return meant, nil
}

// Retract cancels events of a run that were sent within the last 24 hours: those with the identifiers, or all. Retracting
// again is harmless, and goes on where an earlier one has ended. The error is a *TooLateError when all that is meant was
// sent before.
func (r *Runner) Retract(ctx context.Context, run ledger.UsageRun, identifiers []string, stop <-chan struct{}) (*Retraction, error) {
	unlock, err := r.Ledger.Lock(r.lockID())
	if err != nil {
		return nil, err
	}
	defer unlock()
	meant, err := r.Retractable(ctx, run, identifiers)
	if err != nil {
		return nil, err
	}
	result := &Retraction{ID: run.ID, TooLate: meant.Late, Unknown: meant.Unknown, Failures: []FailedRetract{}}
	if len(meant.Events) == 0 && meant.Late > 0 {
		return nil, &TooLateError{meant.Late, meant.Last}
	}
	sender := r.Sender.Until(stop)
	var mu sync.Mutex
	done := int64(0)
	pool := workers.New(r.Workers, r.seed, stop, func(e ledger.UsageEvent) error {
		var failed *FailedRetract
		err := sender.ForCustomer(ctx, r.Account.ID, e.Customer, func() (err error) {
			failed, err = r.retract(ctx, sender, e)
			return err
		})
		mu.Lock()
		defer mu.Unlock()
		if failed != nil {
			if result.Failed++; len(result.Failures) < maxFailures {
				result.Failures = append(result.Failures, *failed)
			}
		}
		done++
		r.Observe(migrate.Progress{Total: int64(len(meant.Events)), Done: done, Failed: result.Failed, Retries: sender.Retries()})
		return err
	})
	for _, e := range meant.Events {
		if pool.Submit(e.Customer+"\n"+e.Meter, e) != nil {
			break
		}
	}
	failure := interruption(ctx, pool.Wait())
	counts, err := r.Ledger.UsageCounts(context.WithoutCancel(ctx), run.ID)
	result.Retracted = counts[ledger.UsageRetracted]
	return result, errors.Join(failure, err)
}

// retract cancels one event. An error ends the whole; a failure is this event's own.
func (r *Runner) retract(ctx context.Context, sender migrate.Sender, e ledger.UsageEvent) (*FailedRetract, error) {
	put := func(to ledger.UsageState) error {
		from := e.State
		e.State, e.UpdatedAt = to, r.now()
		return r.Ledger.PutUsage(ctx, e.Run, []ledger.UsageStep{{From: from, Event: e}})
	}
	again := e.State == ledger.UsageRetracting
	if err := put(ledger.UsageRetracting); err != nil {
		return nil, err
	}
	id, err := migrate.Tell(ctx, sender, func() (string, error) { return r.Gateway.CancelUsage(ctx, e.Meter, e.Identifier) })
	var failure *migrate.StripeError
	switch {
	case err == nil:
		e.RequestID = id
		return nil, put(ledger.UsageRetracted)
	case !errors.As(err, &failure):
		return nil, err
	case failure.Outcome == migrate.Refused && again && canceledBefore(failure.Message):
		return nil, put(ledger.UsageRetracted) // an earlier try has got through
	case failure.Outcome != migrate.Refused || failure.Status == 401 || failure.Status == 403:
		return nil, failure // it stays begun, and the same command goes on
	}
	e.ErrorCode, e.Error, e.RequestID = failure.Code, failure.Message, failure.RequestID
	return &FailedRetract{e.Row, e.Line, e.Identifier, failure.Code, failure.Message}, put(ledger.UsageSent)
}

// canceledBefore tells whether Stripe refuses a cancellation because the event has been canceled.
func canceledBefore(message string) bool {
	message = strings.ToLower(message)
	return strings.Contains(message, "cancel") && (strings.Contains(message, "already") || strings.Contains(message, "before"))
}
