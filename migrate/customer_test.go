package migrate_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/crashtest"
)

// guarded is a wire on which every write is for a customer who is locked.
type guarded struct {
	http.RoundTripper
	t         *testing.T
	account   string
	customers *crashtest.Customers
	writes    *int
}

func (g guarded) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodPost || r.Method == http.MethodDelete {
		body := []byte(nil)
		if r.Body != nil {
			body, _ = io.ReadAll(r.Body)
			r.Body = io.NopCloser(bytes.NewReader(body))
		}
		form, _ := url.ParseQuery(string(body))
		all, held := g.customers.Held(g.account, form.Get("customer"))
		if form.Has("customer") {
			require.True(g.t, held, r.URL.Path)
		}
		require.Equal(g.t, 1, all, r.URL.Path)
		*g.writes++
	}
	return g.RoundTripper.RoundTrip(r)
}

// Whatever a run, a release and a cancel change, they have the customer for themselves meanwhile, and give him back.
func TestEachRowHasItsCustomer(t *testing.T) {
	w := newTestEnv(t, mixed())
	locks, writes := &crashtest.Customers{}, 0
	p := w.processOn(guarded{w.stripe.Transport(), t, w.stripe.Account(), locks, &writes}, &crashtest.Crash{}, func(c *migrate.Config) { c.Customers = locks })
	s, err := p.run(migrate.RunOptions{})
	require.NoError(t, err)
	require.Equal(t, w.rows, writes)
	require.Equal(t, w.rows, locks.Turns())
	w.clock.advance(11 * 24 * time.Hour)
	_, err = p.Release(context.Background(), s.ID, migrate.ReleaseOptions{})
	require.NoError(t, err)
	released := writes
	require.Greater(t, released, w.rows)
	_, err = p.Cancel(context.Background(), s.ID, migrate.CancelOptions{Individually: true, IncludeLive: true})
	require.NoError(t, err)
	require.Greater(t, writes, released)
	all, _ := locks.Held("", "")
	require.Zero(t, all)
}

// A run that waits for a customer who is changed elsewhere can be stopped, and the same command goes on.
func TestARunWaitsForACustomerUntilItIsStopped(t *testing.T) {
	w := newTestEnv(t, mixed())
	locks := &crashtest.Customers{}
	p := w.processOn(w.stripe.Transport(), &crashtest.Crash{}, func(c *migrate.Config) { c.Customers = locks })
	review, err := p.Review(context.Background(), w.input, w.how)
	require.NoError(t, err)
	var release []func()
	names, _, err := migrate.ReferencesIn(context.Background(), w.input, w.how, w.clock.Now())
	require.NoError(t, err)
	for customer := range names.Customers {
		one, err := locks.LockCustomer(context.Background(), w.stripe.Account(), customer)
		require.NoError(t, err)
		release = append(release, one)
	}
	stop := make(chan struct{})
	ended := make(chan error)
	go func() {
		_, err := p.Run(context.Background(), review, migrate.RunOptions{Stop: stop})
		ended <- err
	}()
	select {
	case err := <-ended:
		require.Fail(t, "it did not wait", err)
	case <-time.After(200 * time.Millisecond):
	}
	close(stop)
	require.ErrorIs(t, <-ended, migrate.ErrInterrupted)
	byRow, _ := w.schedules("")
	require.Empty(t, byRow)
	for _, one := range release {
		one()
	}
	s, err := p.run(migrate.RunOptions{})
	require.NoError(t, err)
	w.exactlyOne(s.ID, w.rows)
}
