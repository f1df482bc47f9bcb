package pace_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate/pace"
)

// common is a Source in memory. Its clock is not that of the senders.
type common struct {
	mu     sync.Mutex
	trip   time.Duration
	budget []byte
	down   error
	leases int
	until  time.Time // up to when windows were given out
	bad    error     // a window that began before the last one ended
}

func (c *common) Lease(ctx context.Context, r pace.Report) (g pace.Grant, err error) {
	time.Sleep(c.trip / 2)
	defer time.Sleep(c.trip / 2)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.down != nil {
		return g, c.down
	}
	b := pace.Budget{}
	if c.budget != nil {
		if err := json.Unmarshal(c.budget, &b); err != nil {
			return g, err
		}
	}
	g = b.Lease(time.Now().Add(3*time.Hour), r)
	if g.Count > 0 {
		if g.Start.Before(c.until) || g.Start.Before(g.Now) {
			c.bad = fmt.Errorf("%v begins before %v", g, c.until)
		}
		c.until = g.Start.Add(time.Duration(g.Count) * g.Gap)
	}
	c.leases++
	c.budget, err = json.Marshal(b)
	return g, err
}

func (c *common) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.down = err
}

// account is what the senders send to.
type account struct {
	server  *bucket
	latency time.Duration
	tally
	start time.Time
}

func newAccount(limit, burst float64, latency time.Duration) *account {
	return &account{server: &bucket{limit: limit, burst: burst, tokens: burst, last: time.Now()}, latency: latency, start: time.Now()}
}

// send sends from so many workers until the context ends.
func (a *account) send(ctx context.Context, l pace.Limiter, workers int) {
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for {
				answered, err := l.Wait(ctx)
				if err != nil {
					return
				}
				time.Sleep(a.latency / 2)
				ok := a.server.limit == 0 || a.server.take()
				time.Sleep(a.latency - a.latency/2)
				a.mu.Lock()
				if ok {
					a.fine = append(a.fine, time.Since(a.start))
				} else {
					a.refused++
				}
				a.mu.Unlock()
				answered(map[bool]pace.Verdict{true: pace.Fine, false: pace.TooFast}[ok])
			}
		})
	}
	wg.Wait()
}

// Several senders find out a limit that none of them knows and use it to 95 % together, and of what they send at most 1 % is
// answered 429.
func TestSeveralFindTheLimitTogether(t *testing.T) {
	for _, senders := range []int{1, 3, 5} {
		for _, limit := range []float64{25, 200} {
			for _, burst := range []float64{limit / 4, limit} {
				for _, latency := range []time.Duration{50 * time.Millisecond, 300 * time.Millisecond} {
					for _, trip := range []time.Duration{time.Millisecond, 30 * time.Millisecond} {
						t.Run(fmt.Sprintf("%d, %v a second, burst %v, %v, %v", senders, limit, burst, latency, trip), func(t *testing.T) {
							synctest.Test(t, func(t *testing.T) {
								source, a := &common{trip: trip}, newAccount(limit, burst, latency)
								ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
								defer cancel()
								var wg sync.WaitGroup
								for range senders {
									wg.Go(func() { a.send(ctx, pace.NewShared(system{}, source, 0, 0), 64) })
								}
								wg.Wait()
								t.Logf("10-20 s: %.1f/s, last minute: %.1f/s, refused %d of %d, %d leases", a.between(10*time.Second, 20*time.Second),
									a.between(time.Minute, 2*time.Minute), a.refused, len(a.fine), source.leases)
								require.NoError(t, source.bad)
								require.GreaterOrEqual(t, a.between(time.Minute, 2*time.Minute), 0.95*limit)
								require.LessOrEqual(t, float64(a.refused), 0.02*float64(len(a.fine)+a.refused))
							})
						})
					}
				}
			}
		}
	}
}

var _ = errors.New
var _ = rand.N[int]
