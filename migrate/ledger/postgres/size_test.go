package postgres_test

import (
	"os"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/ledger/postgres/pgtest"
)

// BenchmarkRow is what one row costs: an intent and an outcome, from 64 workers at once.
func BenchmarkRow(b *testing.B) {
	s := open(b, pgtest.URL(b))
	require.NoError(b, s.Begin(ctx, ledger.Migration{ID: "mig_1"}))
	var row int64
	var mu sync.Mutex
	next := func() int64 { mu.Lock(); defer mu.Unlock(); row++; return row }
	b.SetParallelism(32)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			e := ledger.Entry{Row: next(), Customer: "cus_0123456789abcd", SourceID: "sub_0123456789abcdef", Start: 1800000000,
				Strategy: "charge-at-start", State: ledger.Intended, Attempt: 1, Key: "sf_0123456789abcdef0123456789", IntendedAt: 1700000000}
			require.NoError(b, s.Put(ctx, "mig_1", ledger.New, e))
			e.State, e.ScheduleID, e.RequestID = ledger.Scheduled, "sub_sched_0123456789abcdef01234567", "req_0123456789abcd"
			require.NoError(b, s.Put(ctx, "mig_1", ledger.Intended, e))
		}
	})
}

// A million rows are counted while somebody waits for it, and a walk over the few that were refused reads only those, also
// before the server has looked at the table.
func TestAMillionRows(t *testing.T) {
	if os.Getenv("SUBFERRY_SOAK") == "" {
		t.Skip("takes half a minute: set SUBFERRY_SOAK")
	}
	address := pgtest.URL(t)
	s := open(t, address)
	require.NoError(t, s.Begin(ctx, ledger.Migration{ID: "mig_1"}))
	execute(t, address, `INSERT INTO rows (migration, row, line, customer, source_id, start, strategy, state, attempt, key, intended_at, schedule, subscription,
		request, error_code, error, updated_at)
		SELECT (SELECT number FROM migrations), n, n + 1, 'cus_' || n, 'sub_' || n, 1800000000 + n, 'trial', CASE WHEN n > 990000 THEN 'refused' ELSE 'scheduled' END,
		1, 'sf_' || n, 1700000000, 'sub_sched_' || n, '', 'req_' || n, '', '', 1700000000 FROM generate_series(1, 1000000) n`)
	timed := func(what string, limit time.Duration, do func()) {
		began := time.Now()
		do()
		took := time.Since(began)
		t.Logf("%s: %v", what, took)
		require.Less(t, took, limit, what)
	}
	timed("status", time.Second, func() { // which a page asks for every second
		status, err := migrate.Status(ctx, s, "mig_1", time.Unix(1800500000, 0))
		require.NoError(t, err)
		require.EqualValues(t, 10_000, status.Failed)
		require.Len(t, status.Failures, 100)
	})
	timed("counts", time.Second, func() {
		counts, err := s.Counts(ctx, "mig_1", 1800500000)
		require.NoError(t, err)
		require.EqualValues(t, 990_000, counts.ByState[ledger.Scheduled])
		require.EqualValues(t, 500_000, counts.Live)
	})
	timed("the last step", 10*time.Second, func() {
		last, err := s.Latest(ctx, "mig_1", ledger.Scheduled)
		require.NoError(t, err)
		require.EqualValues(t, 1700000000, last)
	})
	timed("a range", time.Second, func() {
		n := 0
		for _, err := range s.Range(ctx, "mig_1", 700_001, 702_000) {
			require.NoError(t, err)
			n++
		}
		require.Equal(t, 2000, n)
	})
	timed("settled", 10*time.Second, func() {
		set, err := s.Settled(ctx, "mig_1")
		require.NoError(t, err)
		require.EqualValues(t, 990_000, set.Len())
	})
	timed("walk over the refused", 20*time.Second, func() {
		n := 0
		for _, err := range s.Entries(ctx, "mig_1", ledger.Refused) {
			require.NoError(t, err)
			n++
		}
		require.Equal(t, 10_000, n)
	})
	timed("walk over all", 30*time.Second, func() {
		n := 0
		for _, err := range s.Entries(ctx, "mig_1") {
			require.NoError(t, err)
			n++
		}
		require.Equal(t, 1_000_000, n)
	})
}
