package ledgertest

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/ledger"
)

// lockShards: whoever works on a shard excludes others from it, and from the migration as a whole, but not from other shards.
func lockShards(t *testing.T, l ledger.Ledger) {
	locked := func(lock func() (func(), error)) {
		t.Helper()
		_, err := lock()
		require.ErrorIs(t, err, ledger.ErrLocked)
	}
	whole := func() (func(), error) { return l.Lock(id) }
	shard := func(n int) func() (func(), error) { return func() (func(), error) { return l.LockShard(id, n) } }

	var held [3]func()
	for n := range held {
		release, err := l.LockShard(id, n)
		require.NoError(t, err)
		held[n] = release
	}
	locked(shard(1))
	locked(whole)
	require.True(t, atWork(t, l))
	elsewhere, err := l.Lock("mig_2")
	require.NoError(t, err)
	other, err := l.LockShard("mig_3", 1)
	require.NoError(t, err)
	elsewhere()
	other()

	held[1]()
	held[2]()
	locked(shard(0))
	locked(whole)
	require.True(t, atWork(t, l))
	again, err := l.LockShard(id, 1)
	require.NoError(t, err)
	held[0]()
	locked(whole)
	again()
	require.False(t, atWork(t, l))

	release, err := l.Lock(id)
	require.NoError(t, err)
	locked(shard(0))
	require.True(t, atWork(t, l))
	release()
	release, err = l.LockShard(id, 0)
	require.NoError(t, err)
	release()
}

func ranges(t *testing.T, l ledger.Ledger) {
	begun(t, l)
	const rows = 1300 // some pages
	for row := int64(2); row <= rows; row += 2 {
		require.NoError(t, l.Put(ctx, id, ledger.New, entry(row, ledger.Scheduled)))
	}
	for _, c := range [][2]int64{{3, 9}, {4, 4}, {5, 5}, {0, rows + 9}, {600, 1200}, {9, 3}} {
		var want, got []int64
		for row := int64(2); row <= rows; row += 2 {
			if row >= c[0] && row <= c[1] {
				want = append(want, row)
			}
		}
		walk := l.Range(ctx, id, c[0], c[1])
		for range 2 { // a walk can be taken again
			got = nil
			for e, err := range walk {
				require.NoError(t, err)
				require.Equal(t, entry(e.Row, ledger.Scheduled), e)
				got = append(got, e.Row)
			}
			require.Equal(t, want, got, c)
		}
	}
}

func latest(t *testing.T, l ledger.Ledger) {
	begun(t, l)
	last, err := l.Latest(ctx, id, ledger.Scheduled)
	require.NoError(t, err)
	require.True(t, last.IsBlank())
	for row, at := range []csvspec.Timestamp{1700000005, 1700000009, 1700000007} {
		e := entry(int64(row), ledger.Scheduled)
		e.UpdatedAt = at
		require.NoError(t, l.Put(ctx, id, ledger.New, e))
	}
	e := entry(9, ledger.Intended)
	e.UpdatedAt = 1700000099
	require.NoError(t, l.Put(ctx, id, ledger.New, e))
	last, err = l.Latest(ctx, id, ledger.Scheduled)
	require.NoError(t, err)
	require.EqualValues(t, 1700000009, last)
}

// countsWalked: whatever steps rows have taken, of many at once, they are counted as whoever walks over them would.
func countsWalked(t *testing.T, l ledger.Ledger) {
	begun(t, l)
	const first = csvspec.Timestamp(1800000000)
	var wg sync.WaitGroup
	for worker := range 4 {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(uint64(worker), 1))
			for step := range 150 {
				row := rng.Int64N(30) // others want it as well
				from := ledger.State("")
				for e := range l.Range(ctx, id, row, row) {
					from = e.State
				}
				e := entry(row, ledger.States()[rng.IntN(len(ledger.States()))])
				e.Start = first + csvspec.Timestamp(rng.IntN(3*3600))
				if rng.IntN(3) == 0 {
					e.ScheduleID, e.SubscriptionID = "", "sub_1"
				}
				_ = l.Put(ctx, id, from, e)
				switch rng.IntN(3) {
				case 0:
					e.Source = ledger.SourceStates()[rng.IntN(len(ledger.SourceStates()))]
					_ = l.PutSource(ctx, id, ledger.SourceState([]string{"", "stopping", "stopped"}[rng.IntN(3)]), e)
				case 1:
					_ = l.PutVerified(ctx, id, []ledger.Verified{{Row: row, At: csvspec.Timestamp(step % 2), Hash: "h"}, {Row: rng.Int64N(30), At: 5}})
				default:
					_ = l.PutPayments(ctx, id, []ledger.Payment{{Row: row, State: ledger.PaymentStates()[rng.IntN(len(ledger.PaymentStates()))]}})
				}
			}
		})
	}
	wg.Wait()
	RequireCounts(t, l, id, 0, first-1, first, first+1800, first+3599, first+3600, first+5000, first+4*3600)
}

// RequireCounts requires that the counts of a migration at some moments are those of a walk over its entries.
func RequireCounts(t testing.TB, l ledger.Ledger, id string, moments ...csvspec.Timestamp) {
	t.Helper()
	for _, now := range moments {
		want := ledger.Counts{ByState: map[ledger.State]int64{}, BySource: map[ledger.SourceState]int64{}, ByPayment: map[ledger.PaymentState]int64{}}
		for e, err := range l.Entries(ctx, id) {
			require.NoError(t, err)
			direct, started := e.SubscriptionID != "", e.Start <= now
			want.ByState[e.State]++
			if e.Source != ledger.SourceUntouched {
				want.BySource[e.Source]++
			}
			if e.Payment != ledger.PaymentUnseen {
				want.ByPayment[e.Payment]++
			}
			for n, counts := range map[*int64]bool{
				&want.Verified:   !e.VerifiedAt.IsBlank(),
				&want.Direct:     direct && (e.State == ledger.Scheduled || e.State == ledger.Canceling),
				&want.Live:       started && (e.State == ledger.Scheduled || e.State == ledger.Releasing),
				&want.LiveDirect: started && direct && (e.State == ledger.Scheduled || e.State == ledger.Releasing),
			} {
				if counts {
					*n++
				}
			}
		}
		got, err := l.Counts(ctx, id, now)
		require.NoError(t, err)
		require.Equal(t, want, got, fmt.Sprint(now))
	}
}
