package migrate_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/crashtest"
)

// closed is a wire on which something answers every POST that Stripe is away for a day.
type closed struct{ http.RoundTripper }

func (c closed) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method != http.MethodPost {
		return c.RoundTripper.RoundTrip(r)
	}
	return &http.Response{
		StatusCode: http.StatusServiceUnavailable, Header: http.Header{"Retry-After": {"86400"}},
		Body: io.NopCloser(strings.NewReader("<html>maintenance</html>")), Request: r,
	}, nil
}

// Whoever asks for more patience than a run has gets none: the run ends, and can be resumed.
func TestARunDoesNotSleepForADay(t *testing.T) {
	w := newTestEnv(t, many(3))
	_, err := w.processOn(closed{w.stripe.Transport()}, &crashtest.Crash{}).run(migrate.RunOptions{})
	var away *migrate.StripeError
	require.ErrorAs(t, err, &away)
	require.Equal(t, 24*time.Hour, away.RetryAfter)
	require.Less(t, w.clock.Now().Sub(today), 10*time.Minute)
}

// A context that ends while the account is being searched, or while rows are looked up, interrupts the run like any other.
func TestAnAbortIsAnInterruptionAtEveryRequest(t *testing.T) {
	for at := 1; ; at++ {
		w := newTestEnv(t, many(3))
		_, err := w.process(&crashtest.Crash{At: 20}).run(migrate.RunOptions{}) // leaves a row to be looked up
		require.Error(t, err)
		begun := w.report(w.migrations()[0].ID)
		require.Equal(t, "intended", begun[len(begun)-1].State)
		p, ctx := w.process(&crashtest.Crash{}), context.Background()
		review, err := p.Review(ctx, w.input, options)
		require.NoError(t, err)

		ctx, abort := context.WithCancel(ctx)
		wire, sent := w.stripe.Transport(), 0
		aborting := roundTrip(func(r *http.Request) (*http.Response, error) {
			if sent++; sent == at {
				abort()
			}
			return wire.RoundTrip(r)
		})
		_, err = w.processOn(aborting, &crashtest.Crash{}).Run(ctx, review, migrate.RunOptions{})
		abort()
		if sent < at {
			require.NoError(t, err)
			require.Greater(t, at, 3)
			return
		}
		require.ErrorIs(t, err, migrate.ErrInterrupted, "at request %d", at)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
