package sqlite

import (
	"fmt"
	"path/filepath"

	"github.com/gofrs/flock"

	"github.com/subferry/subferry/migrate/ledger"
)

// Lock implements ledger.Ledger with a lock of the operating system, which ends with the process that holds it.
func (s *Store) Lock(id string) (func(), error) {
	lock := flock.New(filepath.Join(s.dir, "locks", id+".lock"), flock.SetPermissions(0o600))
	held, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("the lock of %s cannot be taken: %w", id, err)
	}
	if !held {
		return nil, fmt.Errorf("%w: %s", ledger.ErrLocked, id)
	}
	return func() { lock.Unlock() }, nil
}
