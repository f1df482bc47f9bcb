package cutover_test

import (
	"context"
	"errors"
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
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/sandbox"
)

// A cutover dies before and after every write: to the ledger, and to the source account. The same command once more, at once
// or days later, finishes it, and everybody is charged once.
func TestACutoverDiesAtEveryPoint(t *testing.T) {
	for name, pause := range map[string]time.Duration{"resumed at once": time.Minute, "resumed days later": 73 * time.Hour} {
		for kind, stop := range stops {
			t.Run(name+", "+kind, func(t *testing.T) {
				points := atEveryPoint(t, func(w *env, d *crashtest.Crash) {
					o := cutover.Options{Stop: stop(w)}
					w.process(d).Apply(context.Background(), w.id, o)
					w.clock.advance(pause)
					r := w.apply(o)
					require.EqualValues(t, w.rows, r.Done)
					w.allStopped(kind)
					w.chargedOnce()
				})
				t.Logf("%d points of death", points)
				require.Equal(t, 2+3*6, points, "the source account is bound; two writes and a request for each row, each before and after")
			})
		}
	}
}

// An undo dies at every point; the same command once more finishes it, and every source is as it was.
func TestAnUndoDiesAtEveryPoint(t *testing.T) {
	for kind, stop := range stops {
		t.Run(kind, func(t *testing.T) {
			points := atEveryPoint(t, func(w *env, d *crashtest.Crash) {
				before := w.olds()
				w.apply(cutover.Options{Stop: stop(w)})
				w.process(d).Undo(context.Background(), w.id, cutover.Options{})
				w.clock.advance(time.Minute)
				r := w.undo(cutover.Options{})
				require.EqualValues(t, w.rows, r.Done)
				require.Equal(t, before, w.olds())
				for row := range w.rows {
					require.Equal(t, ledger.SourceRestored, w.entry(int64(row+1)).Source)
				}
			})
			require.Equal(t, 2+3*6, points, "the source account is bound; two writes and a request for each row, each before and after")
		})
	}
}

// A cutover dies at every point, and is undone instead of being resumed: nothing of it is left.
func TestADeadCutoverIsUndone(t *testing.T) {
	atEveryPoint(t, func(w *env, d *crashtest.Crash) {
		before := w.olds()
		w.process(d).Apply(context.Background(), w.id, cutover.Options{})
		w.undo(cutover.Options{})
		require.Equal(t, before, w.olds())
		require.EqualValues(t, w.rows, w.bills().Counts[cutover.BySource])
	})
}

// An undo dies at every point, and the cutover is made again instead.
func TestADeadUndoIsCutOverAgain(t *testing.T) {
	atEveryPoint(t, func(w *env, d *crashtest.Crash) {
		w.apply(cutover.Options{})
		w.process(d).Undo(context.Background(), w.id, cutover.Options{})
		w.apply(cutover.Options{})
		w.allStopped("period_end")
		w.chargedOnce()
	})
}

// The ledger is lost after the cutover; a run finds the rows again, and the cutover its marks.
func TestALostLedger(t *testing.T) {
	w := newEnv(t, 3)
	before := w.olds()
	w.apply(cutover.Options{})
	entries, kept := []ledger.Entry{}, ledger.NewMemory()
	mig, err := w.ledger.Migration(context.Background(), w.id)
	require.NoError(t, err)
	require.NoError(t, kept.Begin(context.Background(), mig))
	for e, err := range w.ledger.Entries(context.Background(), w.id) {
		require.NoError(t, err)
		entries = append(entries, e)
		require.NoError(t, kept.Put(context.Background(), w.id, ledger.New, e))
	}
	require.Len(t, entries, 3)
	w.ledger = kept
	require.EqualValues(t, 3, w.apply(cutover.Options{}).Done)
	require.Equal(t, "period_end", w.entry(2).SourceStop)
	require.EqualValues(t, 3, w.undo(cutover.Options{}).Done)
	require.Equal(t, before, w.olds())
}

func atEveryPoint(t *testing.T, story func(w *env, d *crashtest.Crash)) int {
	for at := 1; ; at++ {
		w, d := newEnv(t, 3), &crashtest.Crash{At: at}
		story(w, d)
		if !d.Dead() {
			return at - 1
		}
		if t.Failed() {
			t.Fatalf("at point %d", at)
		}
	}
}

// olds are all source subscriptions as they are.
func (w *env) olds() (all []map[string]any) {
	for row := range w.rows {
		all = append(all, w.old(row+1))
	}
	return all
}

// allStopped requires that every source is stopped, and that the ledger says so.
func (w *env) allStopped(kind string) {
	w.t.Helper()
	for row := 1; row <= w.rows; row++ {
		s := w.old(row)
		require.Equal(w.t, kind == "pause", s["pause_collection"] != nil, row)
		require.Equal(w.t, kind == "period_end", s["cancel_at_period_end"], row)
		require.Equal(w.t, ledger.SourceStopped, w.entry(int64(row)).Source)
	}
}

// Everything that goes wrong in one seed is drawn from it:
//
//	SUBFERRY_SEED=4711 go test ./migrate/cutover -run TestRandomFaults
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

// weather is what goes wrong between the program and the source account.
type weather struct {
	crashtest.Faults
	w    *env
	late []*http.Request
}

func simulate(t *testing.T, seed uint64) {
	rng := rand.New(rand.NewPCG(seed, 2))
	w := newEnv(t, 5)
	sky := &weather{Faults: crashtest.Faults{Rand: rng, Badness: []float64{0.02, 0.1, 0.3, 0.6}[rng.IntN(4)]}, w: w}
	o := cutover.Options{Stop: cutover.Stop{Pause: seed%3 == 0}}
	before := w.olds()
	undone := rng.IntN(3) == 0
	w.fault = sky.fault
	for range 1 + rng.IntN(5) { // lives that end badly, or well
		c := w.processOn(sky, &crashtest.Crash{At: rng.IntN(60)})
		if rng.IntN(3) == 0 {
			c.Undo(context.Background(), w.id, cutover.Options{})
		} else {
			c.Apply(context.Background(), w.id, o)
		}
		w.clock.advance([]time.Duration{time.Second, time.Hour, 25 * time.Hour}[rng.IntN(3)])
	}
	w.fault = nil
	if undone {
		w.settle(sky, func() error {
			_, err := w.process(&crashtest.Crash{}).Undo(context.Background(), w.id, cutover.Options{})
			return err
		})
		require.Equal(t, before, w.olds())
		require.EqualValues(t, w.rows, w.bills().Counts[cutover.BySource])
		return
	}
	w.settle(sky, func() error {
		_, err := w.process(&crashtest.Crash{}).Apply(context.Background(), w.id, o)
		return err
	})
	for row := 1; row <= w.rows; row++ { // by whichever of two ways an earlier life has stopped it
		require.Equal(t, ledger.SourceStopped, w.entry(int64(row)).Source)
	}
	require.EqualValues(t, w.rows, w.bills().Counts[cutover.ByDestination])
	w.chargedOnce()
}

// settle gives a command until it has nothing left to do. What was under way has arrived by then.
func (w *env) settle(sky *weather, command func() error) {
	sky.arrive(len(sky.late))
	for range 3 {
		err := command()
		if err == nil {
			return
		}
		var unsettled *cutover.UnsettledError
		require.True(w.t, errors.As(err, &unsettled), err)
	}
	require.Fail(w.t, "it does not end")
}

// RoundTrip is what lies between the program and the source account. It gives up on some changes, which arrive all the same,
// within the time that Stripe may take for them.
func (s *weather) RoundTrip(r *http.Request) (*http.Response, error) {
	if len(s.late) > 0 && s.IntN(3) == 0 {
		s.arrive(1)
	}
	if r.Method != http.MethodPost || s.Float64() >= s.Badness/4 {
		return s.w.source.Transport().RoundTrip(r)
	}
	alone := r.Clone(context.Background())
	body, err := io.ReadAll(r.Body)
	alone.Body = io.NopCloser(strings.NewReader(string(body)))
	s.late = append(s.late, alone)
	return &http.Response{StatusCode: http.StatusGatewayTimeout, Header: http.Header{}, Request: r,
		Body: io.NopCloser(strings.NewReader("<html>gateway time-out</html>"))}, err
}

// arrive lets the first n late requests arrive. What Stripe answers, nobody hears.
func (s *weather) arrive(n int) {
	for _, r := range s.late[:n] {
		if response, err := s.w.source.Transport().RoundTrip(r); err == nil {
			response.Body.Close()
		}
	}
	s.late = s.late[n:]
}

// fault draws what happens to one request.
func (s *weather) fault(*http.Request) sandbox.Fault {
	return s.Draw(func() { s.w.clock.advance(time.Duration(s.IntN(90)) * time.Second) }) // a slow answer
}
