package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"github.com/subferry/subferry/migrate/ledger"
)

// A lock is tried again for a moment: whoever asks AtWork holds it for an instant.
const (
	lockPatience = 900 * time.Millisecond
	lockPause    = 20 * time.Millisecond
)

// Lock implements ledger.Ledger with a lock of the operating system, which ends with the process that holds it.
func (s *Store) Lock(id string) (func(), error) {
	ctx, cancel := context.WithTimeout(context.Background(), lockPatience)
	defer cancel()
	lock := s.lock(id + ".lock")
	held, err := lock.TryLockContext(ctx, lockPause)
	if !held {
		return nil, refused(id, err)
	}
	// Nobody else has a lock of a shard, or is about to take one.
	locks := filepath.Join(s.dir, "locks")
	old, _ := fs.Glob(os.DirFS(locks), id+".*.shard")
	for _, shard := range old {
		_ = os.Remove(filepath.Join(locks, shard))
	}
	return func() { lock.Unlock() }, nil
}

// LockShard implements ledger.Ledger with two locks: the migration's, which all who work on shards share, and the shard's.
func (s *Store) LockShard(id string, shard int) (func(), error) {
	ctx, cancel := context.WithTimeout(context.Background(), lockPatience)
	defer cancel()
	shared := s.lock(id + ".lock")
	if held, err := shared.TryRLockContext(ctx, lockPause); !held {
		return nil, refused(id, err)
	}
	lock := s.lock(fmt.Sprintf("%s.%d.shard", id, shard))
	if held, err := lock.TryLockContext(ctx, lockPause); !held {
		shared.Unlock()
		return nil, refused(id, err)
	}
	return func() {
		lock.Unlock()
		shared.Unlock()
	}, nil
}

// refused is the error of a lock that was not had.
func refused(id string, err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%w: %s", ledger.ErrLocked, id)
	}
	return fmt.Errorf("the lock of %s cannot be taken: %w", id, err)
}

// AtWork implements ledger.Ledger.
func (s *Store) AtWork(id string) (bool, error) {
	s.looking.Lock() // two who look at once would take each other for somebody who works
	defer s.looking.Unlock()
	lock := s.lock(id + ".lock")
	free, err := lock.TryLock()
	if err != nil {
		return false, fmt.Errorf("the lock of %s cannot be tried: %w", id, err)
	}
	if free {
		lock.Unlock()
	}
	return !free, nil
}

func (s *Store) lock(name string) *flock.Flock {
	return flock.New(filepath.Join(s.dir, "locks", name), flock.SetPermissions(0o600))
}
