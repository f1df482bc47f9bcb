package migrate_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/crashtest"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/sandbox"
)

// Machines split a file and run its shards in bad weather: they die, are given the same shard, or one of an earlier split,
// and get in each other's way in the middle of a request. Each seed is one such life:
//
//	SUBFERRY_SEED=4711 go test ./migrate -run TestShardsInBadWeather
//
// More of them are tried with SUBFERRY_SEEDS=10000; SUBFERRY_SOAK=1 makes them 2,000.
func TestShardsInBadWeather(t *testing.T) {
	if seed, err := strconv.ParseUint(os.Getenv("SUBFERRY_SEED"), 10, 64); err == nil {
		newFleet(t, seed).live()
		return
	}
	seeds, err := strconv.ParseUint(os.Getenv("SUBFERRY_SEEDS"), 10, 64)
	switch {
	case err == nil:
	case os.Getenv("SUBFERRY_SOAK") != "":
		seeds = 2000
	default:
		seeds = 60
	}
	for seed := range seeds {
		if !t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) { newFleet(t, seed).live() }) {
			return
		}
	}
}

// fleet is all machines of one life.
type fleet struct {
	crashtest.Faults
	w      *testEnv
	shards []migrate.Shard // all that were ever handed out
	nested bool            // one machine acts in the middle of another one's request
}

// unlocked is a ledger whose locks keep nobody out: those of whoever has lost them without knowing it yet.
type unlocked struct{ ledger.Ledger }

func (unlocked) Lock(string) (func(), error)           { return func() {}, nil }
func (unlocked) LockShard(string, int) (func(), error) { return func() {}, nil }

func newFleet(t *testing.T, seed uint64) *fleet {
	rng := rand.New(rand.NewPCG(seed, 2))
	f := &fleet{Faults: crashtest.Faults{Rand: rng, Badness: []float64{0.02, 0.1, 0.3, 0.6}[rng.IntN(4)]}, w: newDirectEnv(t)}
	if rng.IntN(2) == 0 {
		f.w.ledger = unlocked{f.w.ledger}
	}
	return f
}

// machine is one that dies sooner or later.
func (f *fleet) machine() *process { return f.w.process(&crashtest.Crash{At: f.IntN(90)}) }

// act lets a machine do something. Whatever comes of it, the others go on.
func (f *fleet) act() {
	ctx, p := context.Background(), f.machine()
	switch n := f.IntN(10); {
	case n < 2 || len(f.shards) == 0:
		handedOut, _ := p.split(migrate.RunOptions{Canary: int64(max(0, f.IntN(8)-4))})
		f.shards = append(f.shards, handedOut...)
	case n < 9:
		_, _ = p.RunShard(ctx, f.shards[f.IntN(len(f.shards))], migrate.RunOptions{StopAfterFailures: int64(f.IntN(3))})
	default:
		_, _ = p.run(migrate.RunOptions{}) // somebody at a command line
	}
}

func (f *fleet) live() {
	w, ctx := f.w, context.Background()
	w.fault = func(r *http.Request) sandbox.Fault {
		return f.Draw(func() { w.clock.advance(time.Duration(f.IntN(90)) * time.Second) }, func() {
			if !f.nested {
				f.nested = true
				f.act()
				f.nested = false
			}
		})
	}
	for range 3 + f.IntN(20) {
		f.act()
		if w.clock.Now().Before(today.AddDate(0, 0, 6)) { // later on rows start too soon
			w.clock.advance([]time.Duration{time.Second, time.Minute, 12 * time.Hour, 25 * time.Hour}[min(3, f.IntN(20)/5*f.IntN(2))])
		}
	}
	if len(w.migrations()) > 0 && f.IntN(4) == 0 {
		for range f.IntN(3) {
			_, _ = f.machine().Cancel(ctx, w.migrations()[0].ID, migrate.CancelOptions{Individually: true})
		}
		w.fault = nil
		_, err := w.process(&crashtest.Crash{}).Cancel(ctx, w.migrations()[0].ID, migrate.CancelOptions{Individually: true})
		require.NoError(w.t, err)
		for _, s := range f.shards {
			var canceled *migrate.BeingCanceledError
			_, err := w.process(&crashtest.Crash{}).RunShard(ctx, s, migrate.RunOptions{})
			require.ErrorAs(w.t, err, &canceled)
		}
		w.nothingLeft(w.migrations()[0].ID)
		return
	}
	w.fault = nil // the sky clears
	summary, err := w.process(&crashtest.Crash{}).runAll(migrate.RunOptions{})
	if already := (*migrate.AlreadyMigratedError)(nil); !errorsAs(err, &already) {
		require.NoError(w.t, err)
		require.Empty(w.t, summary.Failures)
	}
	for range 2 {
		w.exactlyOne(w.migrations()[0].ID, w.rows)
		require.Equal(w.t, "scheduled", w.status().Status)
		for _, s := range f.shards { // whatever is still in a queue
			_, err := w.process(&crashtest.Crash{}).RunShard(ctx, s, migrate.RunOptions{})
			require.NoError(w.t, err)
		}
	}
}

// Three machines run the shards of a file side by side. Each shard is in two queues.
func TestMachinesRunShardsAtOnce(t *testing.T) {
	for name, locks := range map[string]func(ledger.Ledger) ledger.Ledger{
		"with locks":    func(l ledger.Ledger) ledger.Ledger { return l },
		"without locks": func(l ledger.Ledger) ledger.Ledger { return unlocked{l} },
	} {
		t.Run(name, func(t *testing.T) {
			const rows, machines = 120, 3
			w, ctx := newTestEnv(t, many(rows)), context.Background()
			shards, err := w.process(&crashtest.Crash{}).split(migrate.RunOptions{})
			require.NoError(t, err)
			w.ledger = locks(w.ledger)
			queue := make(chan migrate.Shard, 2*len(shards))
			for i := range 2 * len(shards) {
				queue <- shards[i/2] // twice in a row, so that it is run twice at once
			}
			var left atomic.Int64
			left.Store(int64(cap(queue)))
			var wg sync.WaitGroup
			for range machines {
				m := w.processOn(w.stripe.Transport(), &crashtest.Crash{}, busy)
				wg.Go(func() {
					for left.Load() > 0 {
						select {
						case s := <-queue:
							if _, err := m.RunShard(ctx, s, migrate.RunOptions{}); err != nil {
								if !errors.Is(err, ledger.ErrLocked) && !errors.Is(err, ledger.ErrConflict) {
									t.Error(err)
								}
								queue <- s
								continue
							}
							left.Add(-1)
						default:
							runtime.Gosched()
						}
					}
				})
			}
			wg.Wait()
			summary, err := w.process(&crashtest.Crash{}).Finish(ctx, shards[0].Migration)
			require.NoError(t, err)
			require.Equal(t, "scheduled", summary.Status)
			w.exactlyOne(summary.ID, rows)
		})
	}
}
