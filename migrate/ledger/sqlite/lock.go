package sqlite

import (
	"context"
	"errors"
	"fmt"
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
	lock := s.lock(id)
	held, err := lock.TryLockContext(ctx, lockPause)
	switch {
	case held:
		return func() { lock.Unlock() }, nil
	case errors.Is(err, context.DeadlineExceeded):
		return nil, fmt.Errorf("%w: %s", ledger.ErrLocked, id)
	}
	return nil, fmt.Errorf("the lock of %s cannot be taken: %w", id, err)
}

// AtWork implements ledger.Ledger.
func (s *Store) AtWork(id string) (bool, error) {
	lock := s.lock(id)
	free, err := lock.TryLock()
	if err != nil {
		return false, fmt.Errorf("the lock of %s cannot be tried: %w", id, err)
	}
	if free {
		lock.Unlock()
	}
	return !free, nil
}

func (s *Store) lock(id string) *flock.Flock {
	return flock.New(filepath.Join(s.dir, "locks", id+".lock"), flock.SetPermissions(0o600))
}
