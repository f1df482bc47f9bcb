package postgres_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate/ledger/postgres"
	"github.com/subferry/subferry/migrate/ledger/postgres/pgtest"
)

// Three processes with many workers each: no two of them have the same customer at once, everybody's turn comes, and an account's
// customers are not those of another one.
func TestOneAtATimeHasACustomer(t *testing.T) {
	address := pgtest.URL(t)
	const customers = 5
	var busy [2 * customers]atomic.Int32
	var turns atomic.Int64
	var wg sync.WaitGroup
	for range 3 {
		s := open(t, address)
		for range 16 {
			wg.Go(func() {
				for range 15 {
					n := rand.IntN(2 * customers)
					release, err := s.LockCustomer(ctx, fmt.Sprint("acct_", n%2), fmt.Sprint("cus_", n/2))
					if err != nil {
						t.Error(err)
						return
					}
					if busy[n].Add(1) != 1 {
						t.Error("two have the same customer")
					}
					time.Sleep(time.Duration(rand.IntN(3)) * time.Millisecond)
					busy[n].Add(-1)
					release()
					release() // once more is harmless
					turns.Add(1)
				}
			})
		}
	}
	wg.Wait()
	require.EqualValues(t, 3*16*15, turns.Load())
}

// Whoever waits gives up with the context, in the same process or in another one, and leaves nothing behind.
func TestAWaiterForACustomerGivesUp(t *testing.T) {
	address := pgtest.URL(t)
	s, other := open(t, address), open(t, address)
	release, err := s.LockCustomer(ctx, "acct_1", "cus_1")
	require.NoError(t, err)
	for _, waiter := range []*postgres.Store{s, other} {
		short, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
		_, err := waiter.LockCustomer(short, "acct_1", "cus_1")
		require.ErrorIs(t, err, context.DeadlineExceeded)
		cancel()
	}
	release()
	for _, next := range []*postgres.Store{other, s} {
		release, err := next.LockCustomer(ctx, "acct_1", "cus_1")
		require.NoError(t, err)
		release()
	}
}

// A connection that is lost takes no work with it: the locks are had again over the next one, and a holder that is gone has
// none.
func TestCustomersOutliveTheirConnection(t *testing.T) {
	address := pgtest.URL(t)
	s := open(t, pgtest.With(t, address, "application_name", "loses_connections"))
	other := open(t, address)
	held, err := s.LockCustomer(ctx, "acct_1", "cus_held")
	require.NoError(t, err)
	cutOff := func() {
		execute(t, address, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'loses_connections'")
	}
	cutOff()
	release, err := s.LockCustomer(ctx, "acct_1", "cus_2")
	require.NoError(t, err)
	release()
	isFree := func(customer string) bool {
		short, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
		defer cancel()
		release, err := other.LockCustomer(short, "acct_1", customer)
		if err == nil {
			release()
		}
		return err == nil
	}
	require.False(t, isFree("cus_held"), "it was locked again")
	cutOff()
	require.True(t, isFree("cus_held"), "nobody has said anything over a new connection")
	held()
	held, err = s.LockCustomer(ctx, "acct_1", "cus_held")
	require.NoError(t, err)
	require.False(t, isFree("cus_held"))
	require.NoError(t, s.Close())
	require.Eventually(t, func() bool { return isFree("cus_held") }, 5*time.Second, 50*time.Millisecond)
	held()
	_, err = s.LockCustomer(ctx, "acct_1", "cus_held")
	require.Error(t, err, "a closed ledger locks nobody")
}

// BenchmarkCustomer is what it costs to lock a customer and to release him, from 64 workers at once.
func BenchmarkCustomer(b *testing.B) {
	s := open(b, pgtest.URL(b))
	var n atomic.Int64
	b.SetParallelism(32)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			release, err := s.LockCustomer(ctx, "acct_1", fmt.Sprint("cus_", n.Add(1)))
			if err != nil {
				b.Fatal(err)
			}
			release()
		}
	})
}

// own locks a customer, says so, and works on him until somebody ends it.
func own(s *postgres.Store) error {
	if _, err := s.LockCustomer(ctx, "acct_1", "cus_1"); err != nil {
		return err
	}
	fmt.Println("locked")
	select {}
}

// A process that works keeps its customer for as long as it wants; one that is stopped loses him, because nothing would go on
// for as long as it is.
func TestAStoppedProcessLosesItsCustomer(t *testing.T) {
	if os.Getenv("SUBFERRY_SOAK") == "" {
		t.Skip("takes two minutes: set SUBFERRY_SOAK")
	}
	address := pgtest.URL(t)
	s := open(t, address)
	cmd, lines := child(t, "own", address)
	require.True(t, lines.Scan())
	short, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	_, err := s.LockCustomer(short, "acct_1", "cus_1")
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.NoError(t, pause(cmd.Process))
	began := time.Now()
	release, err := s.LockCustomer(ctx, "acct_1", "cus_1")
	require.NoError(t, err)
	t.Logf("free after %v", time.Since(began))
	require.Greater(t, time.Since(began), 25*time.Second)
	require.Less(t, time.Since(began), time.Minute)
	require.NoError(t, goOn(cmd.Process))
	time.Sleep(12 * time.Second) // its next sign of life
	release()
	release, err = s.LockCustomer(ctx, "acct_1", "cus_1")
	require.NoError(t, err, "it has no lock any more, or has had it again and given it up")
	release()
}
