package main

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

	"github.com/subferry/subferry/migrate/crashtest"
	"github.com/subferry/subferry/migrate/cutover"
	"github.com/subferry/subferry/migrate/sandbox"
)

// A simulation is one seed: all that goes wrong in it is drawn from that, on both accounts and at every step of a move:
//
//	SUBFERRY_SEED=4711 go test ./examples/stripe-to-stripe -run TestAMoveInAnyWeather
//
// More of them are tried with SUBFERRY_SEEDS=100; SUBFERRY_SOAK=1 makes them 1,000.
func TestAMoveInAnyWeather(t *testing.T) {
	if seed, err := strconv.ParseUint(os.Getenv("SUBFERRY_SEED"), 10, 64); err == nil {
		simulate(t, seed)
		return
	}
	seeds, err := strconv.ParseUint(os.Getenv("SUBFERRY_SEEDS"), 10, 64)
	switch {
	case err == nil:
	case os.Getenv("SUBFERRY_SOAK") != "":
		seeds = 1000
	default:
		seeds = 8
	}
	for seed := range seeds {
		if !t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) { simulate(t, seed) }) {
			return
		}
	}
}

// weather is what goes wrong in one simulation.
type weather struct {
	crashtest.Faults
	w     *world
	late  []*http.Request // that a proxy has given up on, and that are still on their way
	roads []http.RoundTripper
}

// lifetime is more steps than one life of a move has in which nothing goes wrong.
const lifetime = 700

// simulate lives through one seed. The last life is a good one; until then four days may pass, which is before the first
// renewal.
func simulate(t *testing.T, seed uint64) {
	all := append(profiles(), hidden()...)
	w, rng, ctx := newWorld(t, len(all), all), rand.New(rand.NewPCG(seed, 1)), context.Background()
	sky := &weather{Faults: crashtest.Faults{Rand: rng, Badness: []float64{0.02, 0.1, 0.3}[rng.IntN(3)]}, w: w}
	w.fault = func(_ side, r *http.Request) sandbox.Fault { return sky.fault(r) }
	w.wire = func(_ side, road http.RoundTripper) http.RoundTripper { return proxy{road, sky} }
	for range 1 + rng.IntN(6) { // lives that end badly, or well
		if all, err := w.ledger.Migrations(ctx); rng.IntN(4) == 0 && err == nil && len(all) > 0 { // somebody has second thoughts
			_, _ = w.process(&crashtest.Crash{At: rng.IntN(200)}, 1).cutover(nil, 1).Undo(ctx, all[0].ID, cutover.Options{})
			sky.arrive(len(sky.late))
		}
		_ = w.process(&crashtest.Crash{At: rng.IntN(lifetime)}, 1).move(ctx, 1)
		sky.arrive(len(sky.late))
		if w.clock.Now().Before(today.AddDate(0, 0, 3)) {
			w.clock.advance([]time.Duration{time.Second, time.Hour, 25 * time.Hour}[rng.IntN(3)])
		}
	}
	w.fault, w.wire = nil, nil // the sky clears, and the commands are given once more
	require.NoError(t, w.process(&crashtest.Crash{}, 1).move(ctx, 1))
	require.Less(t, w.clock.Now(), today.AddDate(0, 0, 6), "the simulation has taken longer than until the first renewal")
	w.clock.advance(62 * 24 * time.Hour)
	require.NoError(t, w.charged())
}

// proxy is what lies between the program and Stripe. It gives up on some requests, which arrive all the same, later.
type proxy struct {
	http.RoundTripper
	*weather
}

func (p proxy) RoundTrip(r *http.Request) (*http.Response, error) {
	if len(p.late) > 0 && p.IntN(3) == 0 {
		p.arrive(1)
	}
	if r.Method != http.MethodPost || p.Float64() >= p.Badness/4 {
		return p.RoundTripper.RoundTrip(r)
	}
	alone := r.Clone(context.Background())
	if r.Body != nil {
		text, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		alone.Body = io.NopCloser(strings.NewReader(string(text)))
	}
	p.weather.late, p.weather.roads = append(p.late, alone), append(p.roads, p.RoundTripper)
	return &http.Response{StatusCode: http.StatusGatewayTimeout, Header: http.Header{}, Request: r,
		Body: io.NopCloser(strings.NewReader("<html>gateway time-out</html>"))}, nil
}

// arrive lets the first n late requests arrive. What Stripe answers, nobody hears.
func (s *weather) arrive(n int) {
	late, roads := s.late[:n], s.roads[:n]
	s.late, s.roads = s.late[n:], s.roads[n:]
	for i, r := range late {
		if response, err := roads[i].RoundTrip(r); err == nil {
			response.Body.Close()
		}
	}
}

// fault draws what happens to one request.
func (s *weather) fault(*http.Request) sandbox.Fault {
	return s.Draw(func() { s.w.clock.advance(time.Duration(s.IntN(90)) * time.Second) }) // a slow answer
}
