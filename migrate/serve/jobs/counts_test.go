package jobs_test

import (
	"context"
	"testing"

	"github.com/riverqueue/river"
	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/ledger/postgres/pgtest"
	"github.com/subferry/subferry/migrate/serve/jobs"
	"github.com/subferry/subferry/migrate/serve/store"
)

// The queue is counted in either database, and only by those who can read it.
func TestCounts(t *testing.T) {
	for name, where := range map[string]func() string{"sqlite": t.TempDir, "postgres": func() string { return pgtest.URL(t) }} {
		t.Run(name, func(t *testing.T) {
			ctx := context.Background()
			s, err := store.Open(ctx, where())
			require.NoError(t, err)
			defer s.Close()
			e, err := jobs.New(ctx, jobs.Config{Store: s, Ledger: ledger.NewMemory()})
			require.NoError(t, err)
			found, err := e.Counts(ctx)
			require.NoError(t, err)
			require.Empty(t, found)
			for range 2 {
				_, err = e.Insert(ctx, jobs.SweepArgs{}, &river.InsertOpts{Queue: "nobodys"})
				require.NoError(t, err)
			}
			found, err = e.Counts(ctx)
			require.NoError(t, err)
			require.Len(t, found, 1)
			require.Equal(t, []any{jobs.SweepArgs{}.Kind(), "available"}, []any{found[0].Kind, found[0].State})
			require.NoError(t, e.Stop(ctx))
			require.NoError(t, s.Close())
			_, err = e.Counts(ctx)
			require.Error(t, err)
		})
	}
}
