package postgres

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/subferry/subferry/migrate/ledger"
)

// A lock is tried again for a moment: the server takes one to notice that its last holder has died.
const (
	lockPatience = 900 * time.Millisecond
	lockPause    = 20 * time.Millisecond
)

// Lock implements ledger.Ledger with an advisory lock of the server, which ends with the connection that holds it, and so
// with the process. When the connection ends first, whatever is written fails with ledger.ErrLost until release was
// called: somebody else may have the lock by then.
func (s *Store) Lock(id string) (func(), error) {
	patience, cancel := context.WithTimeout(context.Background(), lockPatience)
	defer cancel()
	for {
		held, err := s.tryLock(id)
		if errors.Is(err, ledger.ErrLost) { // of others, whose connection has turned out to have ended
			held, err = s.tryLock(id)
		}
		switch {
		case err != nil:
			return nil, fmt.Errorf("the lock of %s cannot be taken: %w", id, err)
		case held:
			return func() { s.unlock(id) }, nil
		case patience.Err() != nil:
			return nil, fmt.Errorf("%w: %s", ledger.ErrLocked, id)
		}
		pause, ended := context.WithTimeout(patience, lockPause)
		<-pause.Done()
		ended()
	}
}

func (s *Store) tryLock(id string) (held bool, err error) {
	n := &s.session
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.held[id] != nil { // the server would give it to the same session twice
		return false, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), writeWithin)
	defer cancel()
	if err := s.connected(ctx); err != nil {
		return false, s.explain(err)
	}
	if err := n.conn.QueryRow(ctx, "SELECT pg_try_advisory_lock($1)", s.lockNumber(id)).Scan(&held); err != nil {
		return false, s.failed(err)
	}
	if held {
		n.held[id] = &hold{}
	}
	return held, nil
}

func (s *Store) unlock(id string) {
	n := &s.session
	n.mu.Lock()
	defer n.mu.Unlock()
	h := n.held[id]
	delete(n.held, id)
	if h == nil || h.lost || n.conn == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), writeWithin)
	defer cancel()
	if _, err := n.conn.Exec(ctx, "SELECT pg_advisory_unlock($1)", s.lockNumber(id)); err != nil {
		s.drop() // which releases it as well, with all others
	}
}

// AtWork implements ledger.Ledger. It looks at the list of locks and takes none.
func (s *Store) AtWork(id string) (held bool, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), writeWithin)
	defer cancel()
	number := uint64(s.lockNumber(id))
	held, _, err = one(ctx, s, pgx.RowTo[bool], `SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1
		AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
		AND classid::bigint = $1 AND objid::bigint = $2)`, int64(number>>32), int64(number&0xffffffff))
	return held, err
}

// lockNumber is the number of an advisory lock. All programs of a database share these numbers, so it is drawn from
// everything that tells one lock from another.
func (s *Store) lockNumber(id string) int64 {
	sum := sha256.Sum256([]byte("subferry ledger\x00" + s.schema + "\x00" + id))
	return int64(binary.BigEndian.Uint64(sum[:8]))
}
