package postgres

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate/ledger/postgres/pgtest"
)

// What the server has locked before an error of the same batch is nobody's: the caller was told that it was not locked, and
// nobody would ever unlock it. What was locked before stays locked.
func TestAnErrorLeavesNoCustomerLocked(t *testing.T) {
	ctx, address := context.Background(), pgtest.URL(t)
	s, err := Open(ctx, address)
	require.NoError(t, err)
	defer s.Close()
	other, err := Open(ctx, address)
	require.NoError(t, err)
	defer other.Close()
	held, err := s.LockCustomer(ctx, "acct_1", "cus_held")
	require.NoError(t, err)
	defer held()

	replies := []chan customerReply{make(chan customerReply, 1), make(chan customerReply, 1)}
	s.customers.mu.Lock() // both go into one batch
	s.customers.queue = append(s.customers.queue, customerStep{lockCustomer, s.lockNumber("customer\x00acct_1\x00cus_1"), replies[0]})
	s.customers.mu.Unlock()
	s.stepCustomer(customerStep{`SELECT 1 / ($1::bigint - $1::bigint) = 1`, 1, replies[1]})
	for _, reply := range replies {
		require.Error(t, (<-reply).err)
	}
	lock := func(customer string) error {
		short, cancel := context.WithTimeout(ctx, 2*time.Second)
		defer cancel()
		release, err := other.LockCustomer(short, "acct_1", customer)
		if err == nil {
			release()
		}
		return err
	}
	require.NoError(t, lock("cus_1"))
	another, err := s.LockCustomer(ctx, "acct_1", "cus_2") // over a connection on which it has its locks again
	require.NoError(t, err)
	another()
	require.ErrorIs(t, lock("cus_held"), context.DeadlineExceeded)
}
