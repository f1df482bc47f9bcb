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
	began := s.clock.Now()
	for pause := firstPause; ; pause = min(2*pause, longPause) {
		answer, err := request()
		answered(verdict(err))
		failure := asStripeError(err)
		if failure == nil || !repeatable(failure, k) {
			return answer, err
		}
		wait := max(failure.RetryAfter, pause-time.Duration(s.jitter()*float64(pause)/2))
		if s.stopping() || ctx.Err() != nil || s.clock.Now().Sub(began)+wait > patience {
			return none, failure
		}
		s.counts.retries.Add(1)
		s.log.Info("request will be repeated", slog.Any("error", failure), slog.Duration("pause", wait))
		if s.clock.Sleep(ctx, wait) != nil {
			return none, failure
		}
		if answered, err = s.turn(ctx); err != nil {
			return none, failure
		}
	}
}

// turn waits until the account's pace lets the next request leave. Whoever still waits when the user asks to begin
// nothing new does not send it: at a slow pace, many wait for long.
func (s *sender) turn(ctx context.Context) (answered func(pace.Verdict), err error) {
	turn, cancel := context.WithCancel(ctx)
	defer cancel()
	if s.stop != nil {
		go func() {
			select {
			case <-s.stop:
				cancel()
			case <-turn.Done():
			}
		}()
	}
	answered, err = s.pacer.Wait(turn)
	if err != nil && ctx.Err() == nil {
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
