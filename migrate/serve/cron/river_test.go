package cron_test

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/serve/accounts"
	"github.com/subferry/subferry/migrate/serve/cron"
	"github.com/subferry/subferry/migrate/serve/jobs"
	"github.com/subferry/subferry/migrate/serve/store"
)

// nobody has no accounts.
type nobody struct{ accounts.Accounts }

// TestEnginesTick: of several engines on one database one leads and ticks, and whichever is free runs what is due, once.
func TestEnginesTick(t *testing.T) {
	everywhere(t, func(t *testing.T, where string) {
		engines := 3
		if where[0] == '/' { // a directory has one engine
			engines = 1
		}
		var mu sync.Mutex
		var ran []string
		kept, err := store.Open(t.Context(), where)
		require.NoError(t, err)
		defer kept.Close()
		for _, name := range []string{"a", "b", "c"} {
			require.NoError(t, kept.CreateSchedule(t.Context(), store.Schedule{Name: name, Expression: "0 * * * *", Zone: "UTC", Args: []string{"list"},
				CreatedAt: csvspec.At(time.Now().Add(-2 * time.Hour))}))
		}
		for range engines {
			kept, err := store.Open(t.Context(), where)
			require.NoError(t, err)
			var engine *jobs.Engine
			insert := func(ctx context.Context, args river.JobArgs, opts *river.InsertOpts) (*rivertype.JobInsertResult, error) {
				return engine.Insert(ctx, args, opts)
			}
			ticker := cron.New(cron.Config{Store: kept, Clock: migrate.SystemClock{}, Log: slog.New(slog.DiscardHandler), Machine: "m", Enqueue: cron.Enqueue(insert),
				Run: func(_ context.Context, c store.Schedule, _ io.Writer) (int, error) {
					mu.Lock()
					defer mu.Unlock()
					ran = append(ran, c.Name)
					return 0, nil
				}})
			engine, err = jobs.New(t.Context(), jobs.Config{Store: kept, Ledger: ledger.NewMemory(), Accounts: nobody{}, Work: true, Register: ticker.Register,
				Periodic: []*river.PeriodicJob{cron.Periodic()}})
			require.NoError(t, err)
			require.NoError(t, engine.Start(t.Context()))
			t.Cleanup(func() { engine.Stop(context.Background()); kept.Close() })
		}
		require.Eventually(t, func() bool {
			all, err := kept.Runs(t.Context(), "", 0)
			done := 0
			for _, r := range all {
				if r.State == store.RunDone {
					done++
				}
			}
			return err == nil && done == 3
		}, 60*time.Second, 200*time.Millisecond)
		time.Sleep(time.Second) // for whoever would run them once more
		mu.Lock()
		defer mu.Unlock()
		require.ElementsMatch(t, []string{"a", "b", "c"}, ran)
	})
}
