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

// part is what a lock is of: one shard of a migration, or wholly all of it.
type part struct {
	id    string
	shard int
}

const wholly = -1

// excludes tells whether nobody may work on both.
func (p part) excludes(other part) bool {
	return p.id == other.id && (p.shard == wholly || other.shard == wholly || p.shard == other.shard)
}

// Lock implements ledger.Ledger with an advisory lock of the server, which ends with the connection that holds it, and so
// with the process. When the connection ends first, whatever is written fails with ledger.ErrLost until release was
// called: somebody else may have the lock by then.
func (s *Store) Lock(id string) (func(), error) { return s.lock(part{id, wholly}) }

// LockShard implements ledger.Ledger with two such locks: the migration's, which all who work on shards share, and the
// shard's.
func (s *Store) LockShard(id string, shard int) (func(), error) { return s.lock(part{id, shard}) }

func (s *Store) lock(p part) (func(), error) {
	patience, cancel := context.WithTimeout(context.Background(), lockPatience)
	defer cancel()
	for {
		held, err := s.tryLock(p)
		if errors.Is(err, ledger.ErrLost) { // of others, whose connection has turned out to have ended
			held, err = s.tryLock(p)
		}
		switch {
		case err != nil:
			return nil, fmt.Errorf("the lock of %s cannot be taken: %w", p.id, err)
		case held:
			return func() { s.unlock(p) }, nil
		case patience.Err() != nil:
			return nil, fmt.Errorf("%w: %s", ledger.ErrLocked, p.id)
		}
		pause, ended := context.WithTimeout(patience, lockPause)
		<-pause.Done()
		ended()
	}
}

// What takes and gives back the lock $1 of a migration, and $2 of a shard. Taken is both or none.
const (
	takeWhole = "SELECT pg_try_advisory_lock($1)"
	giveWhole = "SELECT pg_advisory_unlock($1)"
	takeShard = `SELECT CASE WHEN NOT pg_try_advisory_lock_shared($1) THEN false
		WHEN pg_try_advisory_lock($2) THEN true ELSE NOT pg_advisory_unlock_shared($1) END`
	giveShard = "SELECT pg_advisory_unlock($2), pg_advisory_unlock_shared($1)"
)

func (s *Store) tryLock(p part) (held bool, err error) {
	n := &s.session
	n.mu.Lock()
	defer n.mu.Unlock()
	for other, h := range n.held { // the server would give it to the same session twice
		if p.excludes(other) || p.id == other.id && h.lost {
			return false, nil
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), writeWithin)
	defer cancel()
	if err := s.connected(ctx); err != nil {
		return false, s.explain(err)
	}
	take, numbers := takeWhole, s.lockNumbers(p)
	if p.shard != wholly {
		take = takeShard
	}
	if err := n.conn.QueryRow(ctx, take, numbers...).Scan(&held); err != nil {
		return false, s.failed(err)
	}
	if held {
		n.held[p] = &hold{}
	}
	return held, nil
}

func (s *Store) unlock(p part) {
	n := &s.session
	n.mu.Lock()
	defer n.mu.Unlock()
	h := n.held[p]
	delete(n.held, p)
	if h == nil || h.lost || n.conn == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), writeWithin)
	defer cancel()
	give, numbers := giveWhole, s.lockNumbers(p)
	if p.shard != wholly {
		give = giveShard
	}
	if _, err := n.conn.Exec(ctx, give, numbers...); err != nil {
		s.drop() // which releases it as well, with all others
	}
}

// lockNumbers returns the numbers of the locks that stand for a part.
func (s *Store) lockNumbers(p part) []any {
	if p.shard == wholly {
		return []any{s.lockNumber(p.id)}
	}
	return []any{s.lockNumber(p.id), s.lockNumber(fmt.Sprintf("%s\x00%d", p.id, p.shard))}
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
