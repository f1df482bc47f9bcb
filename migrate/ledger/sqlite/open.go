// Package sqlite keeps the ledger in a SQLite file, through database/sql.
//
// The file is readable by its owner only. It is in WAL mode with full synchronisation: what Put returned for is on
// the disk, and a reader (status --watch) never waits for a run. Concurrent Puts share one transaction.
package sqlite

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/subferry/subferry/migrate/ledger"
)

//go:embed schema.sql
var schema string

// layout2 adds what was held back, and where an account was reached; older files say nothing of either. Rows may be in
// the course of being released, too: a program that knows only the first layout must not read them.
const layout2 = `
	ALTER TABLE migrations ADD COLUMN deferred INTEGER NOT NULL DEFAULT 0;
	ALTER TABLE migrations ADD COLUMN deferred_file TEXT NOT NULL DEFAULT '';
	ALTER TABLE migrations ADD COLUMN api_base TEXT NOT NULL DEFAULT '';
`

// layout3 adds the direct subscription that a row has become. A program that knows only schedules would take such a row
// for one whose schedule is missing.
const layout3 = `
	ALTER TABLE rows ADD COLUMN subscription TEXT NOT NULL DEFAULT '';
	-- Counting them reads this index alone, which is empty without them.
	CREATE INDEX rows_direct ON rows (migration, state) WHERE subscription <> '';
`

// layout4 adds what was verified, and what became of the source subscription and of the first invoice. A program that knows nothing of these
// would cancel what alone charges.
const layout4 = `
	ALTER TABLE rows ADD COLUMN verified_at INTEGER NOT NULL DEFAULT 0;
	ALTER TABLE rows ADD COLUMN verified_hash TEXT NOT NULL DEFAULT '';
	ALTER TABLE rows ADD COLUMN source TEXT NOT NULL DEFAULT '';
	ALTER TABLE rows ADD COLUMN source_stop TEXT NOT NULL DEFAULT '';
	ALTER TABLE rows ADD COLUMN source_note TEXT NOT NULL DEFAULT '';
	ALTER TABLE rows ADD COLUMN source_attempt INTEGER NOT NULL DEFAULT 0;
	ALTER TABLE rows ADD COLUMN source_key TEXT NOT NULL DEFAULT '';
	ALTER TABLE rows ADD COLUMN source_at INTEGER NOT NULL DEFAULT 0;
	ALTER TABLE rows ADD COLUMN payment TEXT NOT NULL DEFAULT '';
	ALTER TABLE rows ADD COLUMN payment_code TEXT NOT NULL DEFAULT '';
	ALTER TABLE rows ADD COLUMN payment_at INTEGER NOT NULL DEFAULT 0;
	-- Counting reads these alone, which are empty before a verify, a cutover and a monitor.
	CREATE INDEX rows_payment ON rows (migration, payment) WHERE payment <> '';
	CREATE INDEX rows_source ON rows (migration, source) WHERE source <> '';
	CREATE INDEX rows_verified ON rows (migration) WHERE verified_at <> 0;
`

// layout5 adds what was sent to billing meters. Within a book, which is an account in one of its modes, an identifier
// stands once.
const layout5 = `
	CREATE TABLE usage_books (
		number   INTEGER PRIMARY KEY,
		account  TEXT    NOT NULL,
		livemode INTEGER NOT NULL,
		UNIQUE (account, livemode)
	);
	CREATE TABLE usage_runs (
		number     INTEGER PRIMARY KEY,
		id         TEXT    NOT NULL UNIQUE,
		book       INTEGER NOT NULL REFERENCES usage_books (number),
		file       TEXT    NOT NULL,
		path       TEXT    NOT NULL,
		sha256     TEXT    NOT NULL,
		options    TEXT    NOT NULL,
		events     INTEGER NOT NULL,
		created_at INTEGER NOT NULL,
		settled_at INTEGER NOT NULL,
		status     TEXT    NOT NULL,
		api_base   TEXT    NOT NULL
	);
	CREATE TABLE usage_events (
		run         INTEGER NOT NULL,
		row         INTEGER NOT NULL,
		book        INTEGER NOT NULL,
		line        INTEGER NOT NULL,
		identifier  TEXT    NOT NULL,
		customer    TEXT    NOT NULL,
		meter       TEXT    NOT NULL,
		at          INTEGER NOT NULL,
		value       TEXT    NOT NULL,
		digest      TEXT    NOT NULL,
		state       TEXT    NOT NULL,
		intended_at INTEGER NOT NULL,
		request     TEXT    NOT NULL,
		error_code  TEXT    NOT NULL,
		error       TEXT    NOT NULL,
		updated_at  INTEGER NOT NULL,
		PRIMARY KEY (run, row)
	) WITHOUT ROWID;
	CREATE UNIQUE INDEX usage_by_identifier ON usage_events (book, identifier);
`

// layout6 adds the account that the source subscriptions were found in. A program that does not know it would take what
// another account lacks for stopped.
const layout6 = `
	ALTER TABLE migrations ADD COLUMN source_account TEXT NOT NULL DEFAULT '';
`

// upgrades are the steps from an empty file to the layout that this package reads and writes. The file's user_version
// says how many of them were taken.
var upgrades = [...]string{schema, layout2, layout3, layout4, layout5, layout6}

const version = len(upgrades)

// Name is the ledger's file inside its directory.
const Name = "ledger.db"

// Store is a ledger.Ledger in a file.
type Store struct {
	db   *sql.DB
	dir  string
	puts chan put
	quit chan struct{} // closed when nothing more is to be written
	done chan struct{} // closed when the writer has ended

	numbers map[string]int64 // of migrations and runs of usage, by ID; the writer's own
	books   map[int64]int64  // of runs of usage, by number; the writer's own

	insert, update, source, verified, payment *sql.Stmt // of rows
	insertUsage, updateUsage                  *sql.Stmt // of events
	closing                                   sync.Once
	looking                                   sync.Mutex // at locks
}

// Open opens the ledger in dir, and creates both when they are missing. It returns ledger.ErrNewer for a file of a
// newer version and ledger.ErrDamaged for one that SQLite cannot read; either is left as it was.
func Open(ctx context.Context, dir string) (*Store, error) {
	path := filepath.Join(dir, Name)
	if err := create(dir, path); err != nil {
		return nil, fmt.Errorf("the ledger cannot be opened: %w", err)
	}
	db, err := sql.Open("sqlite", "file:"+escaped(path)+"?_txlock=immediate"+
		"&_pragma=busy_timeout(15000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)")
	if err != nil {
		return nil, fmt.Errorf("the ledger %s cannot be opened: %w", path, err)
	}
	if err := upgrade(ctx, db); err != nil {
		db.Close()
		return nil, fmt.Errorf("the ledger %s cannot be used: %w", path, explain(err))
	}
	s := &Store{
		db: db, dir: dir, numbers: map[string]int64{}, books: map[int64]int64{},
		puts: make(chan put), quit: make(chan struct{}), done: make(chan struct{}),
	}
	if err := s.prepare(ctx); err != nil {
		db.Close()
		return nil, fmt.Errorf("the ledger %s cannot be used: %w", path, explain(err))
	}
	go s.write()
	return s, nil
}

// escaped writes a path as part of a URI: SQLite would take these characters for its own, and open another file.
func escaped(path string) string {
	return strings.NewReplacer("%", "%25", "?", "%3F", "#", "%23").Replace(path)
}

// prepare parses the statements that are executed for every row, once.
func (s *Store) prepare(ctx context.Context) (err error) {
	for statement, text := range map[**sql.Stmt]string{
		&s.insert: insertRow, &s.update: updateRow, &s.source: updateSource, &s.verified: updateVerified,
		&s.payment:     updatePayment,
		&s.insertUsage: insertUsageEvent, &s.updateUsage: updateUsageEvent,
	} {
		if *statement, err = s.db.PrepareContext(ctx, text); err != nil {
			return err
		}
	}
	return nil
}

// create makes the directory and the file with permissions for their owner alone, before SQLite would.
func create(dir, path string) error {
	if err := os.MkdirAll(filepath.Join(dir, "locks"), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// upgrade brings an empty or older file to the current layout and refuses one from the future.
func upgrade(ctx context.Context, db *sql.DB) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	var have int
	if err := tx.QueryRowContext(ctx, "PRAGMA user_version").Scan(&have); err != nil {
		return err
	}
	if have > version {
		return fmt.Errorf("%w (layout %d, this program knows %d): install the newer one", ledger.ErrNewer, have, version)
	}
	if have == version {
		return check(ctx, tx, "migrations", "rows", "usage_runs", "usage_events")
	}
	if have > 0 {
		if err := check(ctx, tx, "migrations", "rows"); err != nil {
			return err
		}
	}
	steps := strings.Join(upgrades[have:], "")
	if _, err := tx.ExecContext(ctx, steps+fmt.Sprintf("PRAGMA user_version = %d;", version)); err != nil {
		return err
	}
	return tx.Commit()
}

// check makes sure that the tables are there, so that damage shows when the ledger is opened and not amid a run.
func check(ctx context.Context, tx *sql.Tx, tables ...string) error {
	for _, table := range tables {
		var n int
		err := tx.QueryRowContext(ctx, "SELECT count(*) FROM (SELECT 1 FROM "+table+" LIMIT 1)").Scan(&n)
		if err != nil {
			return fmt.Errorf("%w: %w", ledger.ErrDamaged, err)
		}
	}
	return nil
}

// Close waits for what is being written and closes the file. Closing twice is the same as closing once.
func (s *Store) Close() error {
	s.closing.Do(func() { close(s.quit) })
	<-s.done
	return s.db.Close()
}

// explain names the conditions that a user can do something about.
func explain(err error) error {
	var se *sqlite.Error
	if !errors.As(err, &se) {
		return err
	}
	switch se.Code() & 0xff {
	case sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT:
		return fmt.Errorf("%w: %w; restore it from a backup, or name another directory: "+
			"a run then finds in Stripe what exists already", ledger.ErrDamaged, err)
	case sqlite3.SQLITE_FULL:
		return fmt.Errorf("%w: free some space and run the same command again: %w", ledger.ErrFull, err)
	}
	return err
}
