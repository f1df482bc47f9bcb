package workers

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

type keyed struct{ key, n int }

func keyOf(j keyed) string { return fmt.Sprint(j.key) }

func jobs(n, keys int) []keyed {
	all := make([]keyed, n)
	for i := range all {
		all[i] = keyed{i * i % keys, i}
	}
	return all
}

func TestEachDoesEveryJobOnceAndThoseOfAKeyInOrder(t *testing.T) {
	for _, keys := range []int{1, 3, 50} {
		var mu sync.Mutex
		last, busy, done := map[int]int{}, map[int]bool{}, 0
		err := Each(8, nil, jobs(500, keys), keyOf, func(j keyed) error {
			mu.Lock()
			require.False(t, busy[j.key], "one at a time")
			busy[j.key] = true
			before, seen := last[j.key]
			require.True(t, !seen || before < j.n, "in order")
			last[j.key] = j.n
			mu.Unlock()
			mu.Lock()
			defer mu.Unlock()
			busy[j.key] = false
			done++
			return nil
		})
		require.NoError(t, err)
		require.Equal(t, 500, done)
	}
	require.NoError(t, Each(8, nil, nil, keyOf, func(keyed) error { return nil }))
}

func TestEachEndsWithTheFirstError(t *testing.T) {
	broken := errors.New("broken")
	var done atomic.Int64
	err := Each(4, nil, jobs(1000, 20), keyOf, func(j keyed) error {
		if done.Add(1) == 50 {
			return broken
		}
		return nil
	})
	require.ErrorIs(t, err, broken)
	require.Less(t, done.Load(), int64(100))
	require.ErrorIs(t, Each(4, nil, jobs(100, 7), keyOf, func(keyed) error { return broken }), broken, "of many errors, one")
}

func TestEachStops(t *testing.T) {
	stop := make(chan struct{})
	var done atomic.Int64
	err := Each(4, stop, jobs(1000, 20), keyOf, func(keyed) error {
		if done.Add(1) == 50 {
			close(stop)
		}
		return nil
	})
	require.ErrorIs(t, err, ErrInterrupted)
	require.Less(t, done.Load(), int64(100))
}
