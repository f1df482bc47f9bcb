package migrate

import (
	"context"
	"time"

	"github.com/subferry/subferry/migrate/pace"
)

// sendWithin is how long after its intent was recorded a request may leave: so much less than DefaultInFlightTimeout that it
// has arrived when that is over, wherever the lock may be by then.
const sendWithin = DefaultInFlightTimeout / 4

// sendIntended sends a request that writes, at the account's pace, which has let it leave already (release). record makes
// the intent durable before it leaves, and does so again when sendWithin has passed since. A process can be stopped for
// minutes between the one and the other, or wait before it repeats what Stripe has not executed. If somebody else has taken
// its lock meanwhile, and may have canceled the row, record fails (ledger.ErrLost) and nothing is sent.
//
// failure is what has become of the request, and err what record has returned.
func sendIntended[T any](ctx context.Context, q *requester, release func(pace.Verdict), record func() error, request func() (T, error)) (answer T, failure *StripeError, err error) {
	var recorded time.Time // or a moment before
	answer, sent := sendAcquired(ctx, q, writing, release, func() (none T, _ error) {
		for now := q.m.clock.Now(); !recently(recorded, now); now = q.m.clock.Now() {
			recorded = now
			if err = record(); err != nil {
				return none, &StripeError{Outcome: Refused, Err: err}
			}
		}
		return request()
	})
	if err != nil {
		return answer, nil, err
	}
	return answer, asStripeError(sent), nil
}

// recently tells whether something recorded at a moment can be relied on now, by the clock on the wall, which goes on while the
// machine sleeps, and by the one that nobody sets.
func recently(at, now time.Time) bool {
	passed, wall := now.Sub(at), now.Round(0).Sub(at.Round(0))
	return !at.IsZero() && 0 <= passed && passed <= sendWithin && 0 <= wall && wall <= sendWithin
}
