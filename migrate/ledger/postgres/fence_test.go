package postgres

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/ledger/postgres/pgtest"
)

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
