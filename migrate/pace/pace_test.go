package pace_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate/pace"
)

// system is the real clock, which testing/synctest replaces by a fake one.
type system struct{}

func (system) Now() time.Time { return time.Now() }
func (system) Sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// bucket is a server's limit: so many requests a second, and so many at once after a pause.
type bucket struct {
	mu     sync.Mutex
	limit  float64
	burst  float64
	tokens float64
	last   time.Time
}

func (b *bucket) take() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	b.tokens = min(b.burst, b.tokens+now.Sub(b.last).Seconds()*b.limit)
	b.last = now
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}

type tally struct {
	mu      sync.Mutex
	fine    []time.Duration
	refused int
}

// drive sends for a minute from 64 workers and tells when what was accepted.
func drive(limit, burst float64, latency, length time.Duration, max float64) *tally {
	server := &bucket{limit: limit, burst: burst, tokens: burst, last: time.Now()}
	pacer, result, start := pace.New(system{}, max), &tally{}, time.Now()
	ctx, cancel := context.WithTimeout(context.Background(), length)
	defer cancel()
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			for {
				answered, err := pacer.Wait(ctx)
				if err != nil {
					return
				}
				time.Sleep(latency / 2)
				ok := limit == 0 || server.take()
				time.Sleep(latency - latency/2)
				result.mu.Lock()
				if ok {
					result.fine = append(result.fine, time.Since(start))
				} else {
					result.refused++
				}
				result.mu.Unlock()
				answered(map[bool]pace.Verdict{true: pace.Fine, false: pace.TooFast}[ok])
			}
		})
	}
	wg.Wait()
	return result
}

// between returns how many requests a second were accepted in a stretch of time.
func (r *tally) between(from, to time.Duration) float64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for _, at := range r.fine {
		if at >= from && at < to {
			n++
		}
	}
	return float64(n) / (to - from).Seconds()
}

// A limit that the client does not know is reached to 95 % within the first minute, with at most 1 % of the requests
// answered 429, whether the server counts strictly or allows a burst.
func TestFindsTheLimit(t *testing.T) {
	for _, limit := range []float64{25, 100} {
		for _, burst := range []float64{2, limit / 4, limit} {
			for _, latency := range []time.Duration{50 * time.Millisecond, 200 * time.Millisecond} {
				t.Run(fmt.Sprintf("%v a second, burst %v, %v", limit, burst, latency), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						r := drive(limit, burst, latency, time.Minute, 0)
						t.Logf("last 20 s: %.1f/s, refused %d of %d", r.between(40*time.Second, time.Minute), r.refused, len(r.fine))
						require.GreaterOrEqual(t, r.between(40*time.Second, time.Minute), 0.95*limit)
						require.LessOrEqual(t, float64(r.refused), 0.01*float64(len(r.fine)+r.refused))
					})
				})
			}
		}
	}
}

func TestRisesQuicklyWhereThereIsNoLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := drive(0, 0, time.Millisecond, 4*time.Second, 0)
		require.Greater(t, r.between(3*time.Second, 4*time.Second), 3000.0)
	})
}

func TestKeepsToTheUsersCap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := drive(0, 0, 100*time.Millisecond, 30*time.Second, 10)
		require.InDelta(t, 10, r.between(5*time.Second, 30*time.Second), 0.5)
	})
}

func TestFewerAtOnceWhenStripeCountsThem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const allowed = 5
		pacer, now, most, refused := pace.New(system{}, 0), 0, 0, 0
		var mu sync.Mutex
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		var wg sync.WaitGroup
		for range 32 {
			wg.Go(func() {
				for {
					answered, err := pacer.Wait(ctx)
					if err != nil {
						return
					}
					mu.Lock()
					now++
					most = max(most, now)
					tooMany := now > allowed
					if tooMany {
						refused++
					}
					mu.Unlock()
					time.Sleep(200 * time.Millisecond)
					mu.Lock()
					now--
					mu.Unlock()
					answered(map[bool]pace.Verdict{false: pace.Fine, true: pace.TooMany}[tooMany])
				}
			})
		}
		wg.Wait()
		require.Greater(t, most, allowed, "the limit was met")
		require.Less(t, refused, 60)
	})
}

func TestAWaiterGivesUpWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pacer := pace.New(system{}, 0.5)
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		for i := 0; ; i++ {
			if _, err := pacer.Wait(ctx); err != nil {
				require.ErrorIs(t, err, context.DeadlineExceeded)
				return
			}
			require.Less(t, i, 10)
		}
	})
}
