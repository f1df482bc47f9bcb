// Package store keeps what the service knows beside the ledger: the moves, the uploaded files, who did what, and the shards
// that workers take. It lies in the ledger's database, or in a file beside the SQLite ledger.
//
// The ledger stays the only truth about rows: everything here can be lost without a row being scheduled twice.
package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/base32"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite" // the driver

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/ledger/postgres"
)

// Name is the store's file beside the SQLite ledger.
const Name = "serve.db"

// connections is how many a store keeps to Postgres at most, unless the address says pool_max_conns. River shares them.
const connections = 16

// Sentinel errors.
var (
	ErrNotFound = errors.New("there is no such thing in the store")
	ErrExists   = errors.New("the store has it already")
	ErrTooLarge = errors.New("the file is larger than the limit")
	ErrNewer    = errors.New("the store was written by a newer version of the program")
	ErrDamaged  = errors.New("the store is damaged")
)

// Store keeps what the service knows. It is safe for concurrent use, by many processes.
type Store struct {
	db    *sql.DB
	pool  *pgxpool.Pool // nil with SQLite
	dir   string        // "" with Postgres
	label string
	clock migrate.Clock
}

// Open opens the store in a database, whose address is what ledger/postgres takes, or in a directory, and creates what is
// missing. It returns ErrNewer when a newer program has added to it, and ledger/postgres's ErrAddress.
func Open(ctx context.Context, where string) (*Store, error) {
	return OpenAt(ctx, where, migrate.SystemClock{})
}

// OpenAt is Open with a clock, which says when something was done.
func OpenAt(ctx context.Context, where string, clock migrate.Clock) (*Store, error) {
	s := &Store{clock: clock}
	if strings.HasPrefix(where, "postgres://") || strings.HasPrefix(where, "postgresql://") {
		pool, label, err := postgres.OpenPool(ctx, where, connections)
		if err != nil {
			return nil, err
		}
		s.pool, s.label, s.db = pool, label, stdlib.OpenDBFromPool(pool)
	} else {
		path := filepath.Join(where, Name)
		if err := os.MkdirAll(where, 0o700); err != nil {
			return nil, fmt.Errorf("the service's file cannot be opened: %w", err)
		}
		f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600) // before SQLite creates it for everybody
		if err != nil {
			return nil, fmt.Errorf("the service's file cannot be opened: %w", err)
		}
		f.Close()
		s.label, s.dir = path, where
		s.db, err = sql.Open("sqlite", "file:"+strings.NewReplacer("%", "%25", "?", "%3F", "#", "%23").Replace(path)+"?_txlock=immediate"+
			"&_pragma=busy_timeout(15000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)")
		if err != nil {
			return nil, fmt.Errorf("the service's file %s cannot be opened: %w", path, err)
		}
	}
	if err := s.upgrade(ctx); err != nil {
		s.Close()
		return nil, fmt.Errorf("the service's tables in %s cannot be used: %w", s.label, err)
	}
	return s, nil
}

// Pool returns the connections to Postgres, nil with SQLite. They end with the store.
func (s *Store) Pool() *pgxpool.Pool { return s.pool }

// Dir returns the directory of the store, "" with Postgres.
func (s *Store) Dir() string { return s.dir }

// String names the store without its password.
func (s *Store) String() string { return s.label }

// Close ends all connections.
func (s *Store) Close() error {
	err := s.db.Close()
	if s.pool != nil {
		s.pool.Close()
	}
	return err
}

// Ready returns nil when the store answers.
func (s *Store) Ready(ctx context.Context) error {
	var one int
	return s.db.QueryRowContext(ctx, "SELECT 1").Scan(&one)
}

// NewID returns a new random ID with a prefix, such as mov.
func NewID(prefix string) string {
	var b [15]byte
	rand.Read(b[:]) // never fails
	return prefix + "_" + strings.ToLower(base32.StdEncoding.EncodeToString(b[:]))
}

func (s *Store) now() csvspec.Timestamp { return csvspec.At(s.clock.Now()) }

var parameter = regexp.MustCompile(`\$(\d+)`)

// dialect returns a statement as the database takes it: Postgres's $1 is SQLite's ?1, and SQLite locks with the transaction.
func (s *Store) dialect(statement string) string {
	if s.pool != nil {
		return statement
	}
	return strings.ReplaceAll(parameter.ReplaceAllString(statement, "?$1"), "FOR UPDATE", "")
}

// querier is a connection or a transaction.
type querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// exec executes a statement and returns how many rows it concerned.
func (s *Store) exec(ctx context.Context, q querier, statement string, values ...any) (int64, error) {
	result, err := q.ExecContext(ctx, s.dialect(statement), values...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// scan reads one row, or returns ErrNotFound with what was looked for.
func (s *Store) scan(ctx context.Context, q querier, what, statement string, values []any, into ...any) error {
	err := q.QueryRowContext(ctx, s.dialect(statement), values...).Scan(into...)
	if errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("%w: %s", ErrNotFound, what)
	}
	return err
}

// collect reads all rows of a query.
func collect[T any](ctx context.Context, s *Store, read func(row scanner) (T, error), statement string, values ...any) ([]T, error) {
	rows, err := s.db.QueryContext(ctx, s.dialect(statement), values...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := []T{}
	for rows.Next() {
		one, err := read(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}

type scanner interface{ Scan(...any) error }

// tx does something in one transaction. With SQLite nobody else writes meanwhile.
func (s *Store) tx(ctx context.Context, do func(tx *sql.Tx) error) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := do(tx); err != nil {
		return err
	}
	return tx.Commit()
}
