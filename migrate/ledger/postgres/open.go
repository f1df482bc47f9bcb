// Package postgres keeps the ledger in a Postgres database, for several machines that work on the same migrations.
//
// All that a Store writes goes over one connection, on which it also holds its locks: what Put returned for is durable as
// far as the server makes commits durable, and nothing can be written by a Store whose locks are gone, because the
// connection that they have gone with was its only one for writing. Concurrent Puts share one transaction. Reading has
// connections of its own. So have, beside all that, what processes share beyond the ledger: the rates of accounts (Limiter),
// and who works on which customer (LockCustomer).
//
// Between the program and the server a pooler must keep sessions (PgBouncer: pool_mode=session); one that does not is
// noticed at the next write, and nothing is written then.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/subferry/subferry/migrate/ledger"
)

// Store is a ledger.Ledger in a schema of a database.
type Store struct {
	address
	pool    *pgxpool.Pool // for reading
	session session       // for writing
	writes  chan write
	quit    chan struct{} // closed when nothing more is to be written
	done    chan struct{} // closed when the writer has ended

	numbers map[string]int64 // of migrations and runs, by table and ID; the session's
	closing sync.Once

	rates     connection // for leases of rates
	customers customers
	end       context.CancelFunc // of these two
}

// Open opens the ledger in a database, whose address is postgres://USER:PASSWORD@HOST:PORT/DATABASE with the parameters
// that libpq knows. It creates the schema subferry, or the first one of the address's search_path, when it is missing. It
// returns ErrAddress, ledger.ErrNewer for a schema of a newer version, and ledger.ErrDamaged for one that lacks something.
// No error repeats the address.
func Open(ctx context.Context, text string) (*Store, error) {
	a, err := parse(text)
	if err != nil {
		return nil, err
	}
	s := &Store{
		address: a, numbers: map[string]int64{}, session: session{held: map[part]*hold{}},
		writes: make(chan write), quit: make(chan struct{}), done: make(chan struct{}),
	}
	if s.pool, err = pgxpool.NewWithConfig(ctx, a.pool); err != nil {
		return nil, s.explain(err)
	}
	if err := s.upgrade(ctx); err != nil {
		s.pool.Close()
		return nil, s.explain(err)
	}
	go s.write()
	go s.watchLocks()
	s.beside()
	return s, nil
}

// String names the ledger without its password.
func (s *Store) String() string { return s.label }

// Describe names the ledger at an address without its password, or returns ErrAddress. It connects to nothing.
func Describe(text string) (string, error) {
	a, err := parse(text)
	return a.label, err
}

// Close waits for what is being written and closes the connections; locks end with them. Closing twice is the same as
// closing once.
func (s *Store) Close() error {
	s.closing.Do(func() { close(s.quit) })
	<-s.done
	s.end()
	s.rates.close()
	s.customers.close()
	s.session.mu.Lock()
	defer s.session.mu.Unlock()
	var err error
	if s.session.conn != nil {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		err = s.session.conn.Close(ctx)
		s.session.conn = nil
	}
	s.pool.Close()
	return err
}

// explain names the ledger, and the conditions that a user can do something about.
func (s *Store) explain(err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		switch refused.Code {
		case "53100":
			err = fmt.Errorf("%w: free some space and run the same command again: %w", ledger.ErrFull, err)
		case "42P01", "42703", "XX001", "XX002": // a table or a column is missing; data or index corrupted
			err = fmt.Errorf("%w: %w; restore it from a backup, or name another schema (search_path in the address): "+
				"a run then finds in Stripe what exists already", ledger.ErrDamaged, err)
		case "22012": // of fence
			err = errors.New("the connection is not always the same session, so that no lock holds: a pooler in between has to keep " +
				"sessions (PgBouncer: pool_mode=session), or give the address of the server itself")
		case "2201F": // of fence
			err = fmt.Errorf("%w (another machine has upgraded it since this one has opened it): install the newer one here as well", ledger.ErrNewer)
		case "42501":
			err = fmt.Errorf("the role needs the right to create the schema %q in the database, or to use the one that is there: %w", s.schema, err)
		}
	}
	return fmt.Errorf("the ledger %s: %w", s.label, err)
}
