package postgres_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/ledger/postgres"
	"github.com/subferry/subferry/migrate/ledger/postgres/pgtest"
)

// Two stores, as on two machines, write the same rows in opposite order, and do not get in each other's way.
func TestTheSameRowsInOppositeOrder(t *testing.T) {
	address := pgtest.URL(t)
	stores := []*postgres.Store{open(t, address), open(t, address)}
	require.NoError(t, stores[0].Begin(ctx, ledger.Migration{ID: "mig_1"}))
	const rows = 200
	var up []ledger.Verified
	for row := range int64(rows) {
		require.NoError(t, put(stores[0], row, ledger.New, ledger.Scheduled))
		up = append(up, ledger.Verified{Row: row, At: 1, Hash: "a"})
	}
	down := slices.Clone(up)
	slices.Reverse(down)
	var wg sync.WaitGroup
	for i, order := range [][]ledger.Verified{up, down} {
		wg.Go(func() {
			for range 15 {
				if err := stores[i].PutVerified(ctx, "mig_1", order); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	counts, err := stores[0].Counts(ctx, "mig_1", 0)
	require.NoError(t, err)
	require.EqualValues(t, rows, counts.Verified)
}

// Two files of usage that have the same events in opposite order are sent at once: each event belongs to one of the two.
func TestTheSameEventsInOppositeOrder(t *testing.T) {
	address := pgtest.URL(t)
	stores := []*postgres.Store{open(t, address), open(t, address)}
	const events = 300
	won := make([]int, 2)
	var wg sync.WaitGroup
	for i, s := range stores {
		run := fmt.Sprint("use_", i)
		require.NoError(t, s.BeginUsage(ctx, ledger.UsageRun{ID: run, Account: "acct_1"}))
		wg.Go(func() {
			var steps []ledger.UsageStep
			for row := range int64(events) {
				e := ledger.UsageEvent{Row: row, Identifier: fmt.Sprintf("id-%03d", row), State: ledger.UsageIntended}
				if i == 1 {
					e.Identifier = fmt.Sprintf("id-%03d", events-1-row)
				}
				steps = append(steps, ledger.UsageStep{Event: e})
			}
			for range 5 {
				if err := s.PutUsage(ctx, run, steps); err != nil && !errors.Is(err, ledger.ErrConflict) {
					t.Error(err)
				}
			}
			for _, err := range s.UsageEvents(ctx, run) {
				if err != nil {
					t.Error(err)
				}
				won[i]++
			}
		})
	}
	wg.Wait()
	require.Equal(t, events, won[0]+won[1])
}

// What the server has rolled back because of a deadlock is tried again, and the caller sees nothing of it.
func TestDeadlocksAreTriedAgain(t *testing.T) {
	address := pgtest.URL(t)
	rival, err := pgx.Connect(ctx, address)
	require.NoError(t, err)
	defer rival.Close(ctx)
	if _, err := rival.Exec(ctx, "SET deadlock_timeout = '1min'"); err != nil {
		t.Skipf("only a superuser decides who loses a deadlock: %v", err)
	}
	s := open(t, pgtest.With(t, pgtest.With(t, address, "deadlock_timeout", "1s"), "application_name", t.Name()))
	require.NoError(t, s.Begin(ctx, ledger.Migration{ID: "mig_1"}))
	for row := range int64(2) {
		require.NoError(t, put(s, row, ledger.New, ledger.Scheduled))
	}
	write := func(tx pgx.Tx, row int) {
		_, err := tx.Exec(ctx, "UPDATE rows SET customer = 'cus_1' WHERE row = $1", row)
		require.NoError(t, err)
	}
	tx, err := rival.Begin(ctx)
	require.NoError(t, err)
	write(tx, 1)
	result := make(chan error)
	go func() { result <- s.PutVerified(ctx, "mig_1", []ledger.Verified{{Row: 0, At: 1}, {Row: 1, At: 1}}) }()
	for waits := false; !waits; time.Sleep(time.Millisecond) {
		require.NoError(t, tx.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = $1 AND wait_event_type = 'Lock')",
			t.Name()).Scan(&waits))
	}
	write(tx, 0) // returns when the other one was rolled back
	require.NoError(t, tx.Commit(ctx))
	require.NoError(t, <-result)
	counts, err := s.Counts(ctx, "mig_1", 0)
	require.NoError(t, err)
	require.EqualValues(t, 2, counts.Verified)
}
