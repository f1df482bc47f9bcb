package migrate_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/crashtest"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/sandbox"
	"github.com/subferry/subferry/migrate/schedule"
)

// A simulation is one seed: everything that goes wrong in it is drawn from that seed, so that a failure can be lived
// through again:
//
//	SUBFERRY_SEED=4711 go test ./migrate -run TestRandomFaults
//
// and more of them are tried with SUBFERRY_SEEDS=10000.
func TestRandomFaults(t *testing.T) {
	if seed, err := strconv.ParseUint(os.Getenv("SUBFERRY_SEED"), 10, 64); err == nil {
		simulate(t, seed)
		return
	}
	seeds, err := strconv.ParseUint(os.Getenv("SUBFERRY_SEEDS"), 10, 64)
	if err != nil {
		seeds = 100
	}
	for seed := range seeds {
		if !t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) { simulate(t, seed) }) {
			return
		}
	}
}

// The same seed is the same life, to the last request.
func TestASeedReproduces(t *testing.T) {
	for seed := range uint64(10) {
		require.Equal(t, simulate(t, seed), simulate(t, seed), "seed %d", seed)
	}
}

// weather is what goes wrong in one simulation.
type weather struct {
	crashtest.Faults
	w        *testEnv
	requests []string
	another  bool            // a runner on another machine has been let loose
	late     []*http.Request // that a proxy has given up on, and that are still on their way
}

// simulate lives through one seed and returns every request of it.
func simulate(t *testing.T, seed uint64) []string {
	w := newDirectEnv(t) // schedules and direct subscriptions
	rng := rand.New(rand.NewPCG(seed, 1))
	sky := &weather{Faults: crashtest.Faults{Rand: rng, Badness: []float64{0.02, 0.1, 0.3, 0.6}[rng.IntN(4)]}, w: w}
	w.fault = sky.fault

	for range 1 + rng.IntN(6) { // lives that end badly, or well
		w.processOn(proxy{sky}, &crashtest.Crash{At: rng.IntN(120)}).run(migrate.RunOptions{})
		sky.arrive(len(sky.late))
		w.clock.advance([]time.Duration{time.Second, time.Hour, 25 * time.Hour}[rng.IntN(3)])
	}
	w.fault = nil // the sky clears, and the command is given once more
	for {
		summary, err := w.process(&crashtest.Crash{}).run(migrate.RunOptions{})
		if already := (*migrate.AlreadyMigratedError)(nil); !errorsAs(err, &already) {
			require.NoError(t, err)
		}
		require.LessOrEqual(t, w.once(), w.rows)
		if summary == nil || summary.Failed == 0 {
			break
		}
		for _, failure := range summary.Failures { // whoever has sent it in another mode does not come back
			require.Equal(t, migrate.CodeSentElsewhere, failure.Code)
		}
		w.clock.advance(25 * time.Hour)
	}
	w.exactlyOne(w.migrations()[0].ID, w.rows)

	switch rng.IntN(3) {
	case 0:
		sky.cancels()
	case 1:
		sky.goesLive()
	}
	return sky.requests
}

// proxy is what lies between the runner and Stripe. It gives up on some schedules, which arrive all the same, later.
type proxy struct{ *weather }

func (p proxy) RoundTrip(r *http.Request) (*http.Response, error) {
	if len(p.late) > 0 && p.IntN(3) == 0 {
		p.arrive(1)
	}
	if r.Method != http.MethodPost || p.Float64() >= p.Badness/4 {
		return p.w.stripe.Transport().RoundTrip(r)
	}
	alone, err := detached(r)
	p.late = append(p.late, alone)
	return &http.Response{StatusCode: http.StatusGatewayTimeout, Header: http.Header{}, Request: r,
		Body: io.NopCloser(strings.NewReader("<html>gateway time-out</html>"))}, err
}

// arrive lets the first n late requests arrive. What Stripe answers, nobody hears.
func (s *weather) arrive(n int) {
	for _, r := range s.late[:n] {
		if response, err := s.w.stripe.Transport().RoundTrip(r); err == nil {
			response.Body.Close()
		}
	}
	s.late = s.late[n:]
}

// cancels cancels the migration in the same weather.
func (s *weather) cancels() {
	id, ctx := s.w.migrations()[0].ID, context.Background()
	s.w.fault, s.another = s.fault, true // whoever runs the file anew elsewhere while it is canceled gets what he asks for
	for range 1 + s.IntN(4) {
		s.w.process(&crashtest.Crash{At: s.IntN(80)}).Cancel(ctx, id, migrate.CancelOptions{Individually: true})
	}
	s.w.fault = nil
	_, err := s.w.process(&crashtest.Crash{}).Cancel(ctx, id, migrate.CancelOptions{Individually: true})
	require.NoError(s.w.t, err)
	s.w.nothingLeft(id)
}

// goesLive lets the subscriptions go live and releases some of them. Then the ledger is lost, and the file with later dates
// is run in the same weather, here and on another machine: no customer gets a second subscription.
func (s *weather) goesLive() {
	w, ctx := s.w, context.Background()
	id := w.migrations()[0].ID
	w.clock.now = today.AddDate(0, 0, 11)
	w.fault = s.fault
	s.another = true
	for range s.IntN(3) {
		w.process(&crashtest.Crash{At: s.IntN(60)}).Release(ctx, id, migrate.ReleaseOptions{})
	}
	if s.IntN(2) == 0 {
		w.fault = nil
		_, err := w.process(&crashtest.Crash{}).Release(ctx, id, migrate.ReleaseOptions{})
		require.NoError(w.t, err)
		w.releasedAsPlanned(id)
		w.fault = s.fault
	}
	w.clock.advance([]time.Duration{time.Minute, 25 * time.Hour}[s.IntN(2)])
	s.another = s.IntN(2) == 0
	w.ledger, w.input = ledger.NewMemory(), bytesInput("later.csv", w.later(13))
	for range 1 + s.IntN(4) {
		w.processOn(proxy{s}, &crashtest.Crash{At: s.IntN(60)}).run(migrate.RunOptions{})
		s.arrive(len(s.late))
	}
	w.fault = nil
	_, err := w.process(&crashtest.Crash{}).run(migrate.RunOptions{})
	var refusal *migrate.AlreadyScheduledError
	require.ErrorAs(w.t, err, &refusal)
	require.EqualValues(w.t, w.rows, refusal.Rows)
	require.Equal(w.t, w.rows, w.total())
}

// fault draws what happens to one request.
func (s *weather) fault(r *http.Request) sandbox.Fault {
	one := r.Method + " " + r.URL.String()
	if r.Method == http.MethodPost { // that of a DELETE is a random one of stripe-go, which Stripe ignores
		one += " " + r.Header.Get("Idempotency-Key")
	}
	s.requests = append(s.requests, one)
	return s.Draw(func() { s.w.clock.advance(time.Duration(s.IntN(90)) * time.Second) }, s.duplicateRunner) // a slow answer, a second runner
}

// duplicateRunner starts a second runner in the middle of the first one's request: on the same machine, where the
// lock keeps it out, or on another one, which knows nothing of this ledger, and makes other things of some rows.
func (s *weather) duplicateRunner() {
	if s.another {
		return
	}
	s.another = true
	defer func() { s.another = false }()
	fault, mine, how := s.w.fault, s.w.ledger, s.w.how
	s.w.fault = nil
	if s.IntN(2) == 0 {
		s.w.ledger = ledger.NewMemory()
		s.w.how.Direct = []schedule.Direct{schedule.Exact, schedule.Needed, schedule.Never}[s.IntN(3)]
		s.w.how.SkipInvalid = s.w.how.Direct == schedule.Never
	}
	s.w.process(&crashtest.Crash{At: s.IntN(60)}).run(migrate.RunOptions{})
	s.w.fault, s.w.ledger, s.w.how = fault, mine, how
}
