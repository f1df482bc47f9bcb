package sqlite_test

import (
	"context"
	"database/sql"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/ledger/ledgertest"
	"github.com/subferry/subferry/migrate/ledger/sqlite"
)

var ctx = context.Background()

func open(t testing.TB, dir string) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(ctx, dir)
	require.NoError(t, err)
	t.Cleanup(func() { s.Close() })
	return s
}

func TestConformance(t *testing.T) {
	ledgertest.Run(t, func(t *testing.T) ledger.Ledger { return open(t, t.TempDir()) })
}

func TestOnlyTheOwnerCanReadIt(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state", "subferry")
	s := open(t, dir)
	require.NoError(t, s.Begin(ctx, ledger.Migration{ID: "mig_1"}))
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		require.NoError(t, err)
		info, err := d.Info()
		require.NoError(t, err)
		require.Zero(t, info.Mode().Perm()&0o077, "%s is %s", path, info.Mode())
		return nil
	}))
}

func TestEntriesSurvive(t *testing.T) {
	dir := t.TempDir()
	first, err := sqlite.Open(ctx, dir)
	require.NoError(t, err)
	require.NoError(t, first.Begin(ctx, ledger.Migration{ID: "mig_1"}))
	require.NoError(t, first.Put(ctx, "mig_1", ledger.New, ledger.Entry{Row: 1, State: ledger.Intended}))
	require.NoError(t, first.Close())
	require.Error(t, first.Put(ctx, "mig_1", ledger.Intended, ledger.Entry{Row: 1, State: ledger.Scheduled}),
		"a closed ledger writes nothing and says so")

	counts, err := open(t, dir).Counts(ctx, "mig_1", 0)
	require.NoError(t, err)
	require.Equal(t, map[ledger.State]int64{ledger.Intended: 1}, counts.ByState)
}

func TestNewerLedgerIsLeftAlone(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, open(t, dir).Close())
	db, err := sql.Open("sqlite", filepath.Join(dir, sqlite.Name))
	require.NoError(t, err)
	_, err = db.Exec("PRAGMA user_version = 99")
	require.NoError(t, err)
	require.NoError(t, db.Close())

	_, err = sqlite.Open(ctx, dir)
	require.ErrorIs(t, err, ledger.ErrNewer)
	require.ErrorContains(t, err, "layout 99")
}

// A ledger of layout 1 says nothing of what was held back: what it holds is kept, and it is of the layout of today then.
func TestALedgerOfLayout1IsGoneOnWith(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	require.NoError(t, s.Begin(ctx, ledger.Migration{ID: "mig_1"}))
	require.NoError(t, s.Put(ctx, "mig_1", ledger.New, ledger.Entry{Row: 1, State: ledger.Scheduled}))
	require.NoError(t, s.Close())
	db, err := sql.Open("sqlite", filepath.Join(dir, sqlite.Name))
	require.NoError(t, err)
	_, err = db.Exec(`ALTER TABLE migrations DROP COLUMN deferred; ALTER TABLE migrations DROP COLUMN deferred_file;
		ALTER TABLE migrations DROP COLUMN api_base; DROP INDEX rows_direct; ALTER TABLE rows DROP COLUMN subscription;` + dropLayout4 + `
		PRAGMA user_version = 1`)
	require.NoError(t, err)
	require.NoError(t, db.Close())

	s = open(t, dir)
	require.NoError(t, s.Put(ctx, "mig_1", ledger.Scheduled, ledger.Entry{Row: 1, State: ledger.Releasing}))
	counts, err := s.Counts(ctx, "mig_1", 0)
	require.NoError(t, err)
	require.Equal(t, map[ledger.State]int64{ledger.Releasing: 1}, counts.ByState)
	require.NoError(t, s.Close())
	db, err = sql.Open("sqlite", filepath.Join(dir, sqlite.Name))
	require.NoError(t, err)
	defer db.Close()
	var version int
	require.NoError(t, db.QueryRow("PRAGMA user_version").Scan(&version))
	require.Equal(t, 5, version)
}

func TestDamagedLedgerIsLeftAlone(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, sqlite.Name)
	garbage := []byte("this was a ledger once, before somebody opened it in a text editor and saved it again")
	require.NoError(t, os.WriteFile(path, garbage, 0o600))

	_, err := sqlite.Open(ctx, dir)
	require.ErrorIs(t, err, ledger.ErrDamaged)
	left, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, garbage, left)
}

// A cancel of many rows walks over them for hours and writes each of them: the log does not grow with their number.
func TestTheLogStaysSmallWhileRowsAreWalkedAndWritten(t *testing.T) {
	const rows = 2000
	dir := t.TempDir()
	s := open(t, dir)
	require.NoError(t, s.Begin(ctx, ledger.Migration{ID: "mig_1"}))
	var wg sync.WaitGroup
	for row := range int64(rows) {
		wg.Go(func() { s.Put(ctx, "mig_1", ledger.New, ledger.Entry{Row: row, State: ledger.Scheduled}) })
	}
	wg.Wait()
	for e, err := range s.Entries(ctx, "mig_1", ledger.Scheduled) {
		require.NoError(t, err)
		e.State = ledger.Canceling
		require.NoError(t, s.Put(ctx, "mig_1", ledger.Scheduled, e))
	}
	log, err := os.Stat(filepath.Join(dir, sqlite.Name+"-wal"))
	require.NoError(t, err)
	require.Less(t, log.Size(), int64(9<<20), "twice what SQLite lets it grow to by itself")
}

func TestPutsAfterCloseWhileOthersWrite(t *testing.T) {
	s, err := sqlite.Open(ctx, t.TempDir())
	require.NoError(t, err)
	require.NoError(t, s.Begin(ctx, ledger.Migration{ID: "mig_1"}))
	var wg sync.WaitGroup
	for row := range int64(50) {
		wg.Go(func() { s.Put(ctx, "mig_1", ledger.New, ledger.Entry{Row: row, State: ledger.Intended}) })
	}
	require.NoError(t, s.Close())
	wg.Wait()
}

// BenchmarkRow is what one row costs: an intent and an outcome, from 64 workers at once.
func BenchmarkRow(b *testing.B) {
	s := open(b, b.TempDir())
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

// A state directory may be called anything, and what SQLite takes for its own in a name is not.
func TestAnyDirectory(t *testing.T) {
	for _, name := range []string{"a b", "100%25", "what?", "no#1", "ü&x=1"} {
		if name == "what?" && runtime.GOOS == "windows" {
			continue // no file can be called that there
		}
		t.Run(name, func(t *testing.T) {
			parent := t.TempDir()
			dir := filepath.Join(parent, name)
			s := open(t, dir)
			require.NoError(t, s.Begin(ctx, ledger.Migration{ID: "mig_1"}))
			info, err := os.Stat(filepath.Join(dir, sqlite.Name))
			require.NoError(t, err)
			require.NotZero(t, info.Size())
			beside, err := os.ReadDir(parent)
			require.NoError(t, err)
			require.Len(t, beside, 1, "nothing was written elsewhere")
		})
	}
}

// dropLayout4 takes from a ledger what layouts 4 and 5 have added.
const dropLayout4 = `DROP TABLE usage_events; DROP TABLE usage_runs; DROP TABLE usage_books; DROP INDEX rows_source; DROP INDEX rows_verified; ALTER TABLE rows DROP COLUMN verified_at;
	ALTER TABLE rows DROP COLUMN verified_hash; ALTER TABLE rows DROP COLUMN source; ALTER TABLE rows DROP COLUMN source_stop;
	ALTER TABLE rows DROP COLUMN source_note; ALTER TABLE rows DROP COLUMN source_attempt;
	ALTER TABLE rows DROP COLUMN source_key; ALTER TABLE rows DROP COLUMN source_at;
	DROP INDEX rows_payment; ALTER TABLE rows DROP COLUMN payment; ALTER TABLE rows DROP COLUMN payment_code;
	ALTER TABLE rows DROP COLUMN payment_at;`

// A ledger of layout 3 knows nothing of verified rows and of sources: all its rows are unverified, their sources untouched.
func TestALedgerOfLayout3IsGoneOnWith(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	require.NoError(t, s.Begin(ctx, ledger.Migration{ID: "mig_1"}))
	old := ledger.Entry{Row: 1, State: ledger.Scheduled, SubscriptionID: "sub_1", SourceID: "sub_old", UpdatedAt: 7}
	require.NoError(t, s.Put(ctx, "mig_1", ledger.New, old))
	require.NoError(t, s.Close())
	db, err := sql.Open("sqlite", filepath.Join(dir, sqlite.Name))
	require.NoError(t, err)
	_, err = db.Exec(dropLayout4 + "PRAGMA user_version = 3")
	require.NoError(t, err)
	require.NoError(t, db.Close())

	s = open(t, dir)
	for e, err := range s.Entries(ctx, "mig_1") {
		require.NoError(t, err)
		require.Equal(t, old, e)
	}
	stopped := old
	stopped.Source = ledger.SourceStopped
	require.NoError(t, s.PutSource(ctx, "mig_1", ledger.SourceUntouched, stopped))
	counts, err := s.Counts(ctx, "mig_1", 0)
	require.NoError(t, err)
	require.EqualValues(t, 1, counts.BySource[ledger.SourceStopped])
	require.Zero(t, counts.Verified)
}

// A ledger of layout 2 knows nothing of direct subscriptions: its rows are schedules, and the next ones may be either.
func TestALedgerOfLayout2IsGoneOnWith(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	require.NoError(t, s.Begin(ctx, ledger.Migration{ID: "mig_1"}))
	require.NoError(t, s.Put(ctx, "mig_1", ledger.New, ledger.Entry{Row: 1, State: ledger.Scheduled, ScheduleID: "sub_sched_1", UpdatedAt: 7}))
	require.NoError(t, s.Close())
	db, err := sql.Open("sqlite", filepath.Join(dir, sqlite.Name))
	require.NoError(t, err)
	_, err = db.Exec(dropLayout4 + "DROP INDEX rows_direct; ALTER TABLE rows DROP COLUMN subscription; PRAGMA user_version = 2")
	require.NoError(t, err)
	require.NoError(t, db.Close())

	s = open(t, dir)
	require.NoError(t, s.Put(ctx, "mig_1", ledger.New, ledger.Entry{Row: 2, State: ledger.Scheduled, SubscriptionID: "sub_2"}))
	var all []ledger.Entry
	for e, err := range s.Entries(ctx, "mig_1") {
		require.NoError(t, err)
		all = append(all, e)
	}
	require.Equal(t, []ledger.Entry{
		{Row: 1, State: ledger.Scheduled, ScheduleID: "sub_sched_1", UpdatedAt: 7},
		{Row: 2, State: ledger.Scheduled, SubscriptionID: "sub_2"},
	}, all)
	counts, err := s.Counts(ctx, "mig_1", 0)
	require.NoError(t, err)
	require.EqualValues(t, 1, counts.Direct)
}

// A ledger of the first layout, which knew nothing of deferred rows, is brought to the present one with all it holds.
func TestOlderLedgerIsUpgraded(t *testing.T) {
	dir := t.TempDir()
	layout, err := os.ReadFile("schema.sql")
	require.NoError(t, err)
	db, err := sql.Open("sqlite", filepath.Join(dir, sqlite.Name))
	require.NoError(t, err)
	_, err = db.Exec(string(layout) + `PRAGMA user_version = 1;
		INSERT INTO migrations VALUES (1, 'mig_1', 'acct_1', 0, 'subs.csv', '/subs.csv', 'ab', 'basic', '{}', 3, 2, 4, 5, 6, 7, 'scheduled')`)
	require.NoError(t, err)
	require.NoError(t, db.Close())

	store := open(t, dir)
	m, err := store.Migration(ctx, "mig_1")
	require.NoError(t, err)
	require.EqualValues(t, 3, m.Rows)
	require.Zero(t, m.Deferred)
	require.NoError(t, store.SetDeferred(ctx, "mig_1", 2, "subs.deferred.csv"))
	m, err = open(t, dir).Migration(ctx, "mig_1")
	require.NoError(t, err)
	require.EqualValues(t, 2, m.Deferred)
	require.Equal(t, "subs.deferred.csv", m.DeferredFile)
}
