package migrate

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/subferry/subferry/migrate/pace"
)

// Waiting between attempts: twice as long each time, up to a bound, less a random part so that many clients do not
// come back at the same moment. A request is given up when it has not been executed for patience, or when it is asked to
// wait for longer.
const (
	firstPause = 250 * time.Millisecond
	longPause  = 20 * time.Second
	patience   = 5 * time.Minute

	// firstPatience is for a server that cannot be connected to, and from which no answer has come yet.
	firstPatience = 10 * time.Second
)

// sender is the one layer that paces and repeats requests. stripe-go's own retries are off: it waits without regard
// for its context, and knows nothing of what the ledger says.
type sender struct {
	*Migrator
	counts *counters
	stop   <-chan struct{} // closed when nothing is to be begun any more
}

// kind is what may be done about a request whose outcome is unknown.
type kind bool

const (
	reading kind = true  // asking again does no harm
	writing kind = false // only the ledger's owner may decide to send it again
)

// send sends a request at the account's pace until Stripe has executed or refused it, its outcome is unknown, or
// patience ends. The error is always a *StripeError.
func send[T any](ctx context.Context, s *sender, k kind, request func() (T, error)) (T, error) {
	answered, err := s.turn(ctx)
	if err != nil {
		var none T
		return none, &StripeError{Outcome: Retryable, Err: err}
	}
	return sendNow(ctx, s, k, answered, request)
}

// sendNow is send for a request whose turn it is.
func sendNow[T any](ctx context.Context, s *sender, k kind, answered func(pace.Verdict), request func() (T, error)) (T, error) {
	var none T
	tries := s.attempts()
	for pause := firstPause; ; pause = min(2*pause, longPause) {
		tries.leaves()
		answer, err := request()
		answered(verdict(err))
		failure := asStripeError(err)
		if failure == nil || !repeatable(failure, k) {
			tries.over(failure, 0)
			return answer, err
		}
		wait := max(failure.RetryAfter, pause-time.Duration(s.jitter()*float64(pause)/2))
		broken := s.stopping() || ctx.Err() != nil
		if broken || s.clock.Now().Sub(tries.began)+wait > s.patience(failure) {
			tries.over(failure, 0)
			if broken {
				failure = s.brokenOff(ctx, k, failure)
			}
			return none, failure
		}
		tries.over(failure, wait)
		s.counts.retries.Add(1)
		s.log.Info("request will be repeated", slog.Any("error", failure), slog.Int("attempt", tries.last.Number),
			slog.Duration("pause", wait), slog.Time("until", tries.last.Until))
		if s.rest(ctx, wait) != nil {
			return none, s.brokenOff(ctx, k, failure)
		}
		if answered, err = s.turn(ctx); err != nil {
			return none, s.brokenOff(ctx, k, failure)
		}
	}
}

// brokenOff is the error of a request that is not repeated because the user, or the context, has ended the waiting. What
// a request that only reads has failed with last does not matter then; of one that writes it says what is known.
func (s *sender) brokenOff(ctx context.Context, k kind, failure *StripeError) *StripeError {
	switch {
	case k == writing:
		return failure
	case s.stopping():
		return &StripeError{Outcome: Retryable, Err: ErrInterrupted}
	case ctx.Err() != nil:
		return &StripeError{Outcome: Retryable, Err: ctx.Err()}
	}
	return failure
}

// rest waits between two attempts, and no longer than the user wants it to.
func (s *sender) rest(ctx context.Context, d time.Duration) error {
	ctx, release := s.untilStop(ctx)
	defer release()
	return s.clock.Sleep(ctx, d)
}

// untilStop returns a context that ends as soon as the user asks to begin nothing new: for waiting, and for requests that
// only read before anything is sent. release must be called.
func (s *sender) untilStop(ctx context.Context) (until context.Context, release func()) {
	until, cancel := context.WithCancel(ctx)
	if s.stop != nil {
		go func() {
			select {
			case <-s.stop:
				cancel()
			case <-until.Done():
			}
		}()
	}
	return until, cancel
}

// turn waits until the account's pace lets the next request leave. Whoever still waits when the user asks to begin
// nothing new does not send it: at a slow pace, many wait for long.
func (s *sender) turn(ctx context.Context) (answered func(pace.Verdict), err error) {
	turn, release := s.untilStop(ctx)
	defer release()
	answered, err = s.pacer.Wait(turn)
	if err != nil && (ctx.Err() == nil || s.stopping()) { // the context may be one that ends with the stop
		err = ErrInterrupted
	}
	return answered, err
}

func repeatable(err *StripeError, k kind) bool {
	return err.Outcome == Retryable || err.Outcome == Unknown && k == reading
}

// stopping tells whether the user has asked to begin nothing new.
func (s *sender) stopping() bool {
	select {
	case <-s.stop:
		return true
	default:
		return false
	}
}

// verdict says what an answer means for the pace. A lock timeout is contention on one object, not haste.
func verdict(err error) pace.Verdict {
	failure := asStripeError(err)
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
