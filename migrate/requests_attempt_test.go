package migrate_test

import (
	"context"
	"net"
	"net/http"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/crashtest"
)

// refusing is a wire to an address at which nothing listens.
func refusing(*http.Request) (*http.Response, error) {
	return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
}

// watched collects what is reported, in the order in which it comes.
type watched struct {
	mu       sync.Mutex
	attempts []migrate.Attempt
	progress []migrate.Progress
}

func (w *watched) config(c *migrate.Config) {
	c.Attempts = func(a migrate.Attempt) { w.mu.Lock(); defer w.mu.Unlock(); w.attempts = append(w.attempts, a) }
	c.Observe = func(p migrate.Progress) { w.mu.Lock(); defer w.mu.Unlock(); w.progress = append(w.progress, p) }
}

// An address at which nothing has ever answered is given up soon; an outage of what has answered before is waited for.
func TestTheFirstRequestIsGivenUpSoon(t *testing.T) {
	w, seen := newTestEnv(t, many(3)), &watched{}
	_, err := w.processOn(roundTrip(refusing), &crashtest.Crash{}, seen.config).run(migrate.RunOptions{})
	var failure *migrate.StripeError
	require.ErrorAs(t, err, &failure)
	require.ErrorIs(t, err, syscall.ECONNREFUSED)
	require.LessOrEqual(t, w.clock.Now().Sub(today), 15*time.Second)
	require.Greater(t, len(seen.attempts), 6)
	for i, a := range seen.attempts {
		require.Equal(t, seen.attempts[0].Request, a.Request)
		require.Equal(t, i/2+1, a.Number)
		require.Equal(t, i%2 == 1, a.Over)
		require.Equal(t, a.Over, a.Err != nil)
		if a.Over {
			require.WithinDuration(t, today.Add(10*time.Second), a.Until, time.Second)
		}
	}
	require.True(t, seen.attempts[len(seen.attempts)-1].Next.IsZero())

	w = newTestEnv(t, many(3))
	wire, sent := w.stripe.Transport(), 0
	_, err = w.processOn(roundTrip(func(r *http.Request) (*http.Response, error) {
		if sent++; sent > 1 {
			return refusing(r)
		}
		return wire.RoundTrip(r)
	}), &crashtest.Crash{}).run(migrate.RunOptions{})
	require.ErrorIs(t, err, syscall.ECONNREFUSED)
	require.Greater(t, w.clock.Now().Sub(today), 4*time.Minute)
}

// An outage that ends in time is waited for, also at the first request.
func TestAShortOutageAtTheBeginningIsWaitedFor(t *testing.T) {
	w, seen := newTestEnv(t, many(3)), &watched{}
	wire := w.stripe.Transport()
	_, err := w.processOn(roundTrip(func(r *http.Request) (*http.Response, error) {
		if w.clock.Now().Sub(today) < 5*time.Second {
			return refusing(r)
		}
		return wire.RoundTrip(r)
	}), &crashtest.Crash{}, seen.config).run(migrate.RunOptions{})
	require.NoError(t, err)
	require.False(t, seen.attempts[1].Next.IsZero())
}

// A review that is broken off while nothing answers says so, and not that there was no connection.
func TestAReviewThatIsBrokenOffSaysSo(t *testing.T) {
	w := newTestEnv(t, many(3))
	ctx, cancel := context.WithCancel(context.Background())
	p := w.processOn(roundTrip(func(r *http.Request) (*http.Response, error) { cancel(); return refusing(r) }), &crashtest.Crash{})
	_, err := p.Review(ctx, w.input, options)
	require.ErrorIs(t, err, context.Canceled)
}

// A stop while nothing answers ends a cancel at once, although a request that is under way would take much longer.
func TestAStopEndsACancelThatWaitsForAnAnswer(t *testing.T) {
	w := newTestEnv(t, many(3))
	_, err := w.process(&crashtest.Crash{}).run(migrate.RunOptions{})
	require.NoError(t, err)
	id := w.migrations()[0].ID
	for name, at := range map[string]int{"the account": 1, "a schedule": 2} {
		t.Run(name, func(t *testing.T) {
			stop, wire, sent := make(chan struct{}), w.stripe.Transport(), 0
			p := w.processOn(roundTrip(func(r *http.Request) (*http.Response, error) {
				if sent++; sent < at {
					return wire.RoundTrip(r)
				}
				if sent == at {
					close(stop)
				}
				<-r.Context().Done()
				return nil, r.Context().Err()
			}), &crashtest.Crash{})
			_, err := p.Cancel(context.Background(), id, migrate.CancelOptions{Stop: stop})
			require.ErrorIs(t, err, migrate.ErrInterrupted)
		})
	}
}

func TestProgressHasItsTotal(t *testing.T) {
	w, seen := newTestEnv(t, many(9)), &watched{}
	_, err := w.processOn(w.stripe.Transport(), &crashtest.Crash{}, seen.config).run(migrate.RunOptions{Canary: 4})
	require.NoError(t, err)
	last := seen.progress[len(seen.progress)-1]
	require.Equal(t, [3]int64{4, 0, 4}, [3]int64{last.Total, last.Before, last.Done})

	// What an earlier run has done does not count as work of this one.
	seen.progress = nil
	_, err = w.processOn(w.stripe.Transport(), &crashtest.Crash{}, seen.config).run(migrate.RunOptions{})
	require.NoError(t, err)
	first, last := seen.progress[0], seen.progress[len(seen.progress)-1]
	require.Equal(t, [3]int64{9, 4, 4}, [3]int64{first.Total, first.Before, first.Done})
	require.Equal(t, [3]int64{9, 4, 9}, [3]int64{last.Total, last.Before, last.Done})

	seen.progress = nil
	_, err = w.processOn(w.stripe.Transport(), &crashtest.Crash{}, seen.config).Cancel(context.Background(), w.migrations()[0].ID, migrate.CancelOptions{})
	require.NoError(t, err)
	for i, p := range seen.progress {
		require.Equal(t, [3]int64{9, 0, int64(i)}, [3]int64{p.Total, p.Before, p.Done})
	}
	require.Len(t, seen.progress, 10)
}
