package migrate_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/crashtest"
)

// slow is a Stripe that executes a schedule some time after its client has died, by the test's clock.
type slow struct {
	http.RoundTripper
	w    *testEnv
	d    *crashtest.Crash
	held *http.Request
	at   time.Time
}

func (s *slow) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodPost && s.held == nil {
		var err error
		if s.held, err = detached(r); err != nil {
			return nil, err
		}
		s.d.Die()
		s.at = s.w.clock.Now().Add(20 * time.Second)
		return nil, crashtest.ErrDead
	}
	if s.held != nil && s.held.Body != nil && !s.w.clock.Now().Before(s.at) {
		response, err := s.RoundTripper.RoundTrip(s.held)
		if err != nil {
			return nil, err
		}
		require.Equal(s.w.t, http.StatusOK, response.StatusCode)
		response.Body.Close()
		s.held.Body = nil
	}
	return s.RoundTripper.RoundTrip(r)
}

// Whoever aborts a run and cancels it at once meets requests that Stripe is still executing: a look-up that comes before
// them finds nothing, and the schedule would go live after the cancel.
func TestACancelRightAfterADeathWaitsForWhatIsInFlight(t *testing.T) {
	w, d := newTestEnv(t, many(3)), &crashtest.Crash{}
	wire := &slow{RoundTripper: w.stripe.Transport(), w: w, d: d}
	_, err := w.processOn(wire, d).run(migrate.RunOptions{})
	require.Error(t, err)
	id := w.migrations()[0].ID
	w.clock.now = wire.at.Add(-19 * time.Second) // whoever is dead does not wait

	result, err := w.processOn(wire, &crashtest.Crash{}).Cancel(context.Background(), id, migrate.CancelOptions{})
	require.NoError(t, err)
	require.Equal(t, "canceled", result.Status)
	w.clock.advance(time.Minute)
	_, err = w.processOn(wire, &crashtest.Crash{}).Review(context.Background(), w.input, options) // whatever is late arrives
	require.NoError(t, err)
	require.Nil(t, wire.held.Body, "it was executed")
	w.nothingLeft(id)
}
