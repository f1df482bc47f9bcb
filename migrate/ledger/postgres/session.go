package postgres

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/subferry/subferry/migrate/ledger"
)

// writeWithin bounds a conversation with the server. One that takes longer is as good as lost.
const writeWithin = 30 * time.Second

// session is the connection that holds the locks and writes. Whoever talks over it holds mu.
type session struct {
	mu   sync.Mutex
	conn *pgx.Conn // nil before the first use, and when it was lost
	pid  int32     // the process of the server that serves it
	held map[part]*hold
}

// hold is a lock that this Store has, or had: it stays lost until it is released.
type hold struct{ lost bool }

// fence fails when the connection is served by another process than at first, in which the locks are not held, and when
// the schema is not of this program's layout any more. It fails with errors of their own (division by zero, root of a
// negative number), because what is sent after it is dropped by the server only after an error. Reading ledger_layout also
// keeps an upgrade waiting until the transaction ends.
const fence = `SELECT 1 / (pg_backend_pid() = $1)::int, sqrt(CASE WHEN version = $2 THEN 1 ELSE -1 END) FROM ledger_layout`

// connected makes sure that there is a connection. As long as a lock is held, an earlier one is not replaced.
func (s *Store) connected(ctx context.Context) (err error) {
	n := &s.session
	live := false
	for _, h := range n.held {
		live = live || !h.lost
	}
	if n.conn != nil && !live && n.conn.Ping(ctx) != nil { // it has ended while nobody needed it
		s.drop()
	}
	if n.conn != nil {
		return nil
	}
	conn, err := pgx.ConnectConfig(ctx, s.address.pool.ConnConfig.Copy())
	if err != nil {
		return err
	}
	if err = s.tune(ctx, conn, "auto"); err == nil {
		_, err = conn.Exec(ctx, takeSlot, s.lockNumber("slots"))
	}
	if err == nil {
		err = conn.QueryRow(ctx, "SELECT pg_backend_pid()").Scan(&n.pid)
	}
	if err != nil {
		return errors.Join(err, conn.Close(ctx))
	}
	n.conn = conn
	return nil
}

// lockCheck is how often the connection is used at least while it holds a lock: a lock that is gone is noticed although
// nothing is written, and nothing in between takes the connection for idle.
const lockCheck = 5 * time.Second

// watchLocks uses the connection until the store is closed.
func (s *Store) watchLocks() {
	for {
		pause, ended := context.WithTimeout(context.Background(), lockCheck)
		select {
		case <-s.quit:
			ended()
			return
		case <-pause.Done():
			ended()
			s.checkLocks()
		}
	}
}

// checkLocks gives the connection up when it is not the session any more in which locks are held.
func (s *Store) checkLocks() {
	n := &s.session
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.held) == 0 || n.conn == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), writeWithin)
	defer cancel()
	var pid int32
	if err := n.conn.QueryRow(ctx, "SELECT pg_backend_pid()").Scan(&pid); err != nil || pid != n.pid {
		s.drop()
	}
}

// drop gives the connection up, and with it every lock.
func (s *Store) drop() {
	n := &s.session
	if n.conn != nil {
		ended, cancel := context.WithCancel(context.Background())
		cancel() // nobody is waited for
		_ = n.conn.Close(ended)
	}
	n.conn = nil
	for _, h := range n.held {
		h.lost = true
	}
}

// mayWrite returns ErrLost when a lock under which something is to be written is gone. Nobody has a lock of a migration
// while another one of the same migration is lost. What is written under the lock of another ID (usage is locked by account)
// is refused as well, as long as any lost lock was not released.
func (s *Store) mayWrite(id string) error {
	var lost string
	for p, h := range s.session.held {
		switch {
		case h.lost:
			lost = p.id
		case p.id == id:
			return nil
		}
	}
	if lost == "" {
		return nil
	}
	return fmt.Errorf("%w (%s): nothing was written, and somebody else may be working on it; run the same command again", ledger.ErrLost, lost)
}

// failed judges the error of a conversation. When the connection is not usable any more, it is dropped; what was sent over
// it has happened or has not.
func (s *Store) failed(err error) error {
	var refused *pgconn.PgError
	if errors.As(err, &refused) && refused.Severity != "FATAL" && refused.Severity != "PANIC" && s.session.conn != nil && !s.session.conn.IsClosed() {
		return s.explain(err)
	}
	locked := len(s.session.held) > 0
	s.drop()
	if !pgconn.SafeToRetry(err) {
		err = fmt.Errorf("the connection has ended while something was being written, and whether it was is not known here; "+
			"the same command reads what the ledger says and goes on from there: %w", err)
	}
	if locked {
		err = fmt.Errorf("%w: %w", ledger.ErrLost, err)
	}
	return s.explain(err)
}
