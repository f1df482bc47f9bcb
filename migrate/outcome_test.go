package migrate_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/crashtest"
)

// late is a wire with a proxy that gives up on the first schedule: it answers for Stripe, which executes the request
// only after somebody has looked for its effect.
type late struct {
	http.RoundTripper
	status   int
	body     string
	held     *http.Request
	executed bool
}

func (l *late) RoundTrip(r *http.Request) (*http.Response, error) {
	switch {
	case r.Method == http.MethodPost && l.held == nil:
		var err error
		l.held, err = detached(r)
		return &http.Response{StatusCode: l.status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(l.body)), Request: r}, err
	case r.Method == http.MethodPost && !l.executed:
		l.executed = true
		response, err := l.RoundTripper.RoundTrip(l.held)
		if err != nil {
			return nil, err
		}
		if response.Body.Close(); response.StatusCode != http.StatusOK {
			return nil, crashtest.ErrDead
		}
	}
	return l.RoundTripper.RoundTrip(r)
}

// detached returns a request that outlives its sender.
func detached(r *http.Request) (*http.Request, error) {
	form, err := io.ReadAll(r.Body)
	alone := r.Clone(context.Background())
	alone.Body = io.NopCloser(bytes.NewReader(form))
	return alone, err
}

// That nothing was found means only that nothing is there yet: until Stripe is known to have stored an error under a key,
// the row keeps it.
func TestAnAnswerThatIsNotStripesDoesNotSpendTheKey(t *testing.T) {
	for name, wire := range map[string]late{
		"a proxy's 504":            {status: 504, body: "<html>gateway time-out</html>"},
		"a proxy's 502":            {status: 502, body: `{"error": {"message": "upstream"}}`},
		"a success cut short":      {status: 200, body: `{"id": "sub_sch`},
		"something else's success": {status: 200, body: `{"login": "please"}`},
	} {
		t.Run(name, func(t *testing.T) {
			w := newTestEnv(t, many(3))
			wire.RoundTripper = w.stripe.Transport()
			summary, err := w.processOn(&wire, &crashtest.Crash{}).run(migrate.RunOptions{})
			require.NoError(t, err)
			w.exactlyOne(summary.ID, 3)
		})
	}
}
