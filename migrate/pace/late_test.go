package pace_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate/pace"
)

// Until it is known whose account it is, few requests leave, and from then on all go by the one Limiter of that account.
func TestALimiterThatIsBoundLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		late, made := pace.NewLate(system{}), 0
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		a := newAccount(0, 0, time.Millisecond)
		ended := make(chan struct{})
		go func() { a.send(ctx, late, 8); close(ended) }()
		time.Sleep(5 * time.Second)
		require.InDelta(t, 2, a.between(0, 5*time.Second), 0.3)
		for range 3 { // the account is asked for more than once
			late.Bind(func() pace.Limiter { made++; return pace.NewFrom(system{}, 40, 40) })
		}
		<-ended
		require.InDelta(t, 40, a.between(7*time.Second, 10*time.Second), 2, "and those that waited before")
		require.Equal(t, 1, made)
		rate, _ := late.Rate()
		require.InDelta(t, 40, rate, 0)
	})
}
