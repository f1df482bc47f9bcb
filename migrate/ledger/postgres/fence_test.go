package postgres

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/ledger/postgres/pgtest"
)

// Settings of the database or the role that suit others do not make a commit less durable, or a lock shorter.
func TestSettingsOfOthers(t *testing.T) {
	ctx := context.Background()
	address := pgtest.URL(t)
	for name, value := range map[string]string{
		"synchronous_commit": "off", "default_transaction_isolation": "serializable", "statement_timeout": "2000", "idle_session_timeout": "100", "lock_timeout": "7",
	} {
		address = pgtest.With(t, address, name, value)
	}
	s, err := Open(ctx, address)
	require.NoError(t, err)
	defer s.Close()
	release, err := s.Lock("mig_1")
	require.NoError(t, err)
	defer release()
	time.Sleep(300 * time.Millisecond)
	require.NoError(t, s.Begin(ctx, ledger.Migration{ID: "mig_1"}))
	for name, want := range map[string]string{
		"synchronous_commit": "on", "default_transaction_isolation": "read committed", "statement_timeout": "0", "idle_session_timeout": "0", "lock_timeout": "0",
	} {
		var got string
		require.NoError(t, s.session.conn.QueryRow(ctx, "SELECT current_setting($1)", name).Scan(&got))
		require.Equal(t, want, got, name)
	}
	for _, want := range []string{"remote_apply", "local"} { // what is durable enough stays
		other, err := Open(ctx, pgtest.With(t, address, "synchronous_commit", want))
		require.NoError(t, err)
		_, err = other.Lock("mig_2")
		require.NoError(t, err)
		var got string
		require.NoError(t, other.session.conn.QueryRow(ctx, "SHOW synchronous_commit").Scan(&got))
		require.Equal(t, want, got)
		require.NoError(t, other.Close())
	}
}

// A pooler that gives each transaction another session is noticed before anything is written: the locks are in the first one.
func TestAnotherSessionWritesNothing(t *testing.T) {
	ctx := context.Background()
	s, err := Open(ctx, pgtest.URL(t))
	require.NoError(t, err)
	defer s.Close()
	release, err := s.Lock("mig_1")
	require.NoError(t, err)
	defer release()
	s.session.pid++
	err = s.Begin(ctx, ledger.Migration{ID: "mig_1"})
	require.ErrorContains(t, err, "pool_mode=session")
	_, err = s.Migration(ctx, "mig_1")
	require.ErrorIs(t, err, ledger.ErrNotFound)
}

// A lock that is gone is noticed also by somebody who writes nothing.
func TestALostLockIsNoticedWithoutAWrite(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s, err := Open(ctx, pgtest.URL(t))
	require.NoError(t, err)
	defer s.Close()
	release, err := s.LockShard("mig_1", 3)
	require.NoError(t, err)
	lost := func() bool {
		s.session.mu.Lock()
		defer s.session.mu.Unlock()
		return s.session.held[part{"mig_1", 3}].lost
	}
	time.Sleep(lockCheck + time.Second)
	require.False(t, lost(), "it is there as long as the session is")
	_, err = s.pool.Exec(ctx, "SELECT pg_terminate_backend($1)", s.session.pid)
	require.NoError(t, err)
	require.Eventually(t, lost, 2*lockCheck, 50*time.Millisecond)
	require.ErrorIs(t, s.Begin(ctx, ledger.Migration{ID: "mig_1"}), ledger.ErrLost)
	_, err = s.LockShard("mig_1", 4)
	require.ErrorIs(t, err, ledger.ErrLocked, "who has lost one is not let in through another door")
	release()
	release, err = s.LockShard("mig_1", 4)
	require.NoError(t, err)
	release()
}
