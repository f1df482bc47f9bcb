package sqlite_test

import (
	"database/sql"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/ledger/sqlite"
)

// A ledger of layout 4 knows nothing of usage: its rows stay, and usage is kept beside them.
func TestALedgerOfLayout4IsGoneOnWith(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	require.NoError(t, s.Begin(ctx, ledger.Migration{ID: "mig_1"}))
	require.NoError(t, s.Put(ctx, "mig_1", ledger.New, ledger.Entry{Row: 1, State: ledger.Scheduled}))
	require.NoError(t, s.Close())
	db, err := sql.Open("sqlite", filepath.Join(dir, sqlite.Name))
	require.NoError(t, err)
	_, err = db.Exec("DROP TABLE usage_events; DROP TABLE usage_runs; DROP TABLE usage_books; PRAGMA user_version = 4")
	require.NoError(t, err)
	require.NoError(t, db.Close())

	s = open(t, dir)
	counts, err := s.Counts(ctx, "mig_1", 0)
	require.NoError(t, err)
	require.EqualValues(t, 1, counts.ByState[ledger.Scheduled])
	require.NoError(t, s.BeginUsage(ctx, ledger.UsageRun{ID: "use_1", Account: "acct_1"}))
	require.NoError(t, s.PutUsage(ctx, "use_1", []ledger.UsageStep{{Event: ledger.UsageEvent{Row: 1, Identifier: "a", State: ledger.UsageIntended}}}))
	require.NoError(t, s.Close())

	known, err := open(t, dir).UsageCounts(ctx, "use_1")
	require.NoError(t, err)
	require.EqualValues(t, 1, known[ledger.UsageIntended])
}
