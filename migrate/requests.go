package migrate

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/subferry/subferry/migrate/pace"
)

// Waiting between attempts: twice as long each time, up to a bound, less a random part so that many clients do not come
// back at the same moment. A request is given up when it has not been executed for patience, or when it is asked to
// wait for longer.
const (
	firstPause = 250 * time.Millisecond
	longPause  = 20 * time.Second
	patience   = 5 * time.Minute

	// firstPatience is for a server that cannot be connected to, and from which no answer has come yet.
	firstPatience = 10 * time.Second
)

// requester is the one layer that paces and repeats requests. stripe-go's own retries are off: it waits without regard
// for its context, and knows nothing of what the ledger says.
type requester struct {
	m      *Migrator
	counts *counters
	stop   <-chan struct{} // closed when nothing is to be begun any more
}

// Attempt is one try at a request. Config.Attempts is told of it twice: when it leaves, and when it is over.
type Attempt struct {
	Request int64        // the same for all tries at one request
	Number  int          // 1 is the first try
	Over    bool         // it was answered, or has failed
	Err     *StripeError // why Stripe did not execute it; nil when it did, and while it is under way
	Next    time.Time    // when the request is tried again; zero when it is not
	Until   time.Time    // no try leaves after this moment
}

// kind is what may be done about a request whose outcome is unknown.
type kind bool

const (
	reading kind = true  // asking again does no harm
	writing kind = false // only the ledger's owner may decide to send it again
)

// send sends a request at the account's pace until Stripe has executed or refused it, its outcome is unknown, or
// patience ends. The error is always a *StripeError.
func send[T any](ctx context.Context, q *requester, k kind, request func() (T, error)) (T, error) {
	release, err := q.acquire(ctx)
	if err != nil {
		var none T
		return none, &StripeError{Outcome: Retryable, Err: err}
	}
	return sendAcquired(ctx, q, k, release, request)
}

// sendAcquired is send for a request that acquire has let leave already.
func sendAcquired[T any](ctx context.Context, q *requester, k kind, release func(pace.Verdict), request func() (T, error)) (T, error) {
	var none T
	began := q.m.clock.Now()
	attempt := Attempt{Request: q.m.requests.Add(1), Until: began.Add(q.m.patience(nil))}
	for pause := firstPause; ; pause = min(2*pause, longPause) {
		attempt = Attempt{Request: attempt.Request, Number: attempt.Number + 1, Until: attempt.Until}
		q.m.watch(attempt)
		answer, err := request()
		failure := asStripeError(err)
		release(verdict(failure))
		if failure == nil || failure.Status > 0 {
			q.m.reached.Store(true)
		}
		attempt.Over, attempt.Err, attempt.Until = true, failure, began.Add(q.m.patience(failure))
		if failure == nil || !repeatable(failure, k) {
			q.m.watch(attempt)
			return answer, err
		}
		wait := max(failure.RetryAfter, pause-time.Duration(q.m.jitter()*float64(pause)/2))
		if broken := q.stopping() || ctx.Err() != nil; broken || q.m.clock.Now().Sub(began)+wait > q.m.patience(failure) {
			q.m.watch(attempt)
			if broken {
				failure = q.brokenOff(ctx, k, failure)
			}
			return none, failure
		}
		attempt.Next = q.m.clock.Now().Add(wait)
		q.m.watch(attempt)
		q.counts.retries.Add(1)
		q.m.log.Info("request will be repeated", slog.Any("error", failure), slog.Int("attempt", attempt.Number),
			slog.Duration("pause", wait), slog.Time("until", attempt.Until))
		until, done := q.untilStop(ctx)
		err = q.m.clock.Sleep(until, wait)
		done()
		if err == nil {
			release, err = q.acquire(ctx)
		}
		if err != nil {
			return none, q.brokenOff(ctx, k, failure)
		}
	}
}

// patience is for how long a request is tried. Where no connection is had and nothing has ever answered, the address or
// the network is likelier to be wrong than Stripe to be away.
func (m *Migrator) patience(failure *StripeError) time.Duration {
	if failure != nil && failure.Status == 0 && failure.Outcome == Retryable && !m.reached.Load() {
		return firstPatience
	}
	return patience
}

// brokenOff is the error of a request that is not repeated because the user, or the context, has ended the waiting.
// What a request that only reads has failed with last does not matter then; of one that writes it says what is known.
func (q *requester) brokenOff(ctx context.Context, k kind, failure *StripeError) *StripeError {
	switch {
	case k == writing:
		return failure
	case q.stopping():
		return &StripeError{Outcome: Retryable, Err: ErrInterrupted}
	case ctx.Err() != nil:
		return &StripeError{Outcome: Retryable, Err: ctx.Err()}
	}
	return failure
}

// untilStop returns a context that ends as soon as the user asks to begin nothing new: for waiting, and for requests
// that only read before anything is sent. done must be called.
func (q *requester) untilStop(ctx context.Context) (until context.Context, done func()) {
	until, cancel := context.WithCancel(ctx)
	if q.stop != nil {
		go func() {
			select {
			case <-q.stop:
				cancel()
			case <-until.Done():
			}
		}()
	}
	return until, cancel
}

// acquire waits until the account's pace lets the next request leave; release must be told what came of it. Whoever
// still waits when the user asks to begin nothing new does not send it: at a slow pace, many wait for long.
func (q *requester) acquire(ctx context.Context) (release func(pace.Verdict), err error) {
	until, done := q.untilStop(ctx)
	defer done()
	release, err = q.m.pacer.Wait(until)
	if err != nil && (q.stopping() || ctx.Err() == nil && until.Err() != nil) { // the context may be one that ends with the stop
		err = ErrInterrupted
	}
	return release, err
}

// stopping tells whether the user has asked to begin nothing new.
func (q *requester) stopping() bool {
	select {
	case <-q.stop:
		return true
	default:
		return false
	}
}

func repeatable(err *StripeError, k kind) bool {
	return err.Outcome == Retryable || err.Outcome == Unknown && k == reading
}

// verdict says what an answer means for the pace. A lock timeout is contention on one object, not haste.
func verdict(failure *StripeError) pace.Verdict {
	switch {
	case failure == nil:
		return pace.Fine
	case failure.Status == 429 && failure.Code == "lock_timeout":
		return pace.Fine
	case failure.Status == 429 && strings.HasSuffix(failure.RateLimitReason, "concurrency"):
		return pace.TooMany
	case failure.Status == 429:
		return pace.TooFast
	case failure.Status == 0:
		return pace.NotAnswered
	}
	return pace.Fine
}

// asStripeError returns err as a StripeError. An error of another kind has an unknown outcome: nobody has said that
// nothing was executed.
func asStripeError(err error) *StripeError {
	if err == nil {
		return nil
	}
	var failure *StripeError
	if errors.As(err, &failure) {
		return failure
	}
	return &StripeError{Outcome: Unknown, Err: err}
}
