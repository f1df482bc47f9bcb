package postgres_test

import (
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/ledger/ledgertest"
	"github.com/subferry/subferry/migrate/ledger/postgres/pgtest"
)

// Several machines count in slots of their own, and one that comes when another has ended takes its slot over.
func TestMachinesCountTogether(t *testing.T) {
	address := pgtest.URL(t)
	reader := open(t, address)
	require.NoError(t, reader.Begin(ctx, ledger.Migration{ID: "mig_1"}))
	for round := range 3 {
		var wg sync.WaitGroup
		for machine := range 4 {
			wg.Go(func() {
				s := open(t, address)
				for n := range 40 {
					e := ledger.Entry{Row: int64(1000*round + 100*machine + n), Start: csvspec.Timestamp(1800000000 + 1000*n), State: ledger.Intended}
					require.NoError(t, s.Put(ctx, "mig_1", ledger.New, e))
					e.State = ledger.Scheduled
					require.NoError(t, s.Put(ctx, "mig_1", ledger.Intended, e))
					if e.Row -= 1000; round > 0 {
						e.State = ledger.Canceling
						require.NoError(t, s.Put(ctx, "mig_1", ledger.Scheduled, e))
					}
				}
				require.NoError(t, s.Close())
			})
		}
		wg.Wait()
		ledgertest.RequireCounts(t, reader, "mig_1", 0, 1800020000, 1800020500)
	}
	conn, err := pgx.Connect(ctx, address)
	require.NoError(t, err)
	defer conn.Close(ctx)
	var slots int
	require.NoError(t, conn.QueryRow(ctx, "SELECT count(DISTINCT slot) FROM row_counts").Scan(&slots))
	require.LessOrEqual(t, slots, 5)
	require.Greater(t, slots, 1)
}

// What was recorded before rows were counted is counted by the upgrade.
func TestAnOlderSchemaIsCounted(t *testing.T) {
	address := pgtest.URL(t)
	s := open(t, address)
	require.NoError(t, s.Begin(ctx, ledger.Migration{ID: "mig_0"}))
	require.NoError(t, s.Begin(ctx, ledger.Migration{ID: "mig_1"}))
	for n := range int64(40) {
		e := ledger.Entry{Row: n, Start: csvspec.Timestamp(1800000000 + 1000*n), State: ledger.States()[2*(n%2)]}
		if n%3 == 0 {
			e.SubscriptionID = "sub_1"
		}
		require.NoError(t, s.Put(ctx, "mig_1", ledger.New, e))
		if n%5 == 0 {
			e.Source = ledger.SourceEnds
			require.NoError(t, s.PutSource(ctx, "mig_1", ledger.SourceUntouched, e))
			require.NoError(t, s.PutVerified(ctx, "mig_1", []ledger.Verified{{Row: n, At: 1}}))
			require.NoError(t, s.PutPayments(ctx, "mig_1", []ledger.Payment{{Row: n, State: ledger.PaymentPaid}}))
		}
	}
	require.NoError(t, s.Close())
	execute(t, address, `DROP TABLE row_counts; DROP TABLE rates; DROP FUNCTION count_insert, count_update, count_delete CASCADE;
		CREATE INDEX rows_direct ON rows (row); CREATE INDEX rows_verified ON rows (row); CREATE INDEX rows_source ON rows (row);
		CREATE INDEX rows_payment ON rows (row); DROP INDEX rows_open; UPDATE ledger_layout SET version = 2`)
	s = open(t, address)
	ledgertest.RequireCounts(t, s, "mig_1", 0, 1800000000, 1800020500, 1900000000)
	e := ledger.Entry{Row: 99, State: ledger.Scheduled, Start: 1800020400}
	require.NoError(t, s.Put(ctx, "mig_1", ledger.New, e))
	ledgertest.RequireCounts(t, s, "mig_1", 1800020500)

	for _, by := range []string{"UPDATE rows SET state = 'refused' WHERE row < 20", "DELETE FROM rows WHERE row > 30", "UPDATE rows SET verified_hash = 'x'"} {
		execute(t, address, by) // by hand
		ledgertest.RequireCounts(t, s, "mig_1", 1800020500)
	}
}

// What one process has begun to write and not committed keeps nobody else from writing.
func TestNobodyWaitsForTheNumbersOfOthers(t *testing.T) {
	address := pgtest.URL(t)
	s := open(t, address)
	require.NoError(t, s.Begin(ctx, ledger.Migration{ID: "mig_1"}))
	for n := range int64(3) {
		require.NoError(t, s.Put(ctx, "mig_1", ledger.New, ledger.Entry{Row: n, State: ledger.Intended}))
	}
	conn, err := pgx.Connect(ctx, address)
	require.NoError(t, err)
	defer conn.Close(ctx)
	tx, err := conn.Begin(ctx)
	require.NoError(t, err)
	_, err = tx.Exec(ctx, "SELECT set_config('subferry.slot', '77', true)")
	require.NoError(t, err)
	_, err = tx.Exec(ctx, "UPDATE rows SET state = 'scheduled' WHERE row = 1")
	require.NoError(t, err)
	require.NoError(t, s.Put(ctx, "mig_1", ledger.Intended, ledger.Entry{Row: 2, State: ledger.Scheduled}))
	counts, err := s.Counts(ctx, "mig_1", 0)
	require.NoError(t, err)
	require.Equal(t, map[ledger.State]int64{ledger.Intended: 2, ledger.Scheduled: 1}, counts.ByState)
	require.NoError(t, tx.Commit(ctx))
	ledgertest.RequireCounts(t, s, "mig_1", 0)
}
