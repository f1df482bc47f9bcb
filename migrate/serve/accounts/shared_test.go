package accounts_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/ledger/postgres"
	"github.com/subferry/subferry/migrate/ledger/postgres/pgtest"
	"github.com/subferry/subferry/migrate/pace"
	"github.com/subferry/subferry/migrate/serve/accounts"
)

// Two services with one Postgres ledger send to an account at one rate, and change a customer one after the other.
func TestServicesShareAnAccount(t *testing.T) {
	box, base := served(t)
	dir, where := directory(t, map[string]string{box.Account(): testKey}), pgtest.URL(t)
	service := func(maxRate float64) (*accounts.Connection, *postgres.Store, pace.Limiter) {
		book, err := postgres.Open(ctx, where)
		require.NoError(t, err)
		t.Cleanup(func() { book.Close() })
		var limiter pace.Limiter
		all, err := accounts.NewKeys(ctx, accounts.Config{
			Ledger: book, APIBase: base, MaxRate: maxRate, Watch: func(_ accounts.Account, c *migrate.Config) { limiter = c.Pacer },
		}, dir)
		require.NoError(t, err)
		c, err := all.Open(ctx, migrate.Account{ID: box.Account()})
		require.NoError(t, err)
		return c, book, limiter
	}
	_, first, _ := service(3)
	second, _, limiter := service(0)
	rate, _ := limiter.Rate()
	require.Equal(t, 3.0, rate, "the least of what they were given holds for both")

	release, err := first.LockCustomer(ctx, box.Account(), "cus_1")
	require.NoError(t, err)
	change := func(customer string) error {
		short, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
		defer cancel()
		return second.Migrator.Until(nil).ForCustomer(short, box.Account(), customer, func() error { return nil })
	}
	require.NoError(t, change("cus_2"))
	require.ErrorIs(t, change("cus_1"), migrate.ErrInterrupted)
	release()
	require.NoError(t, change("cus_1"))
}
