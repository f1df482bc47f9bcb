package pace_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
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

// newCommon returns one on which nobody works any more when the test has ended.
func newCommon(t *testing.T, trip time.Duration) *common {
	t.Cleanup(func() { time.Sleep(10 * time.Second) })
	return &common{trip: trip}
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
								source, a := newCommon(t, trip), newAccount(limit, burst, latency)
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

// Senders come, stop for a while, go on, and die with the windows that they have, and the source is away at times. No second has
// more than the limit but for what finding it takes; what is left uses the rest.
func TestSendersComeAndGo(t *testing.T) {
	for seed := range uint64(12) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				random := rand.New(rand.NewPCG(seed, 1))
				limit := []float64{25, 60, 200}[random.IntN(3)]
				const latency, length = 60 * time.Millisecond, 3 * time.Minute
				source, a := newCommon(t, 2*time.Millisecond), newAccount(limit, limit/4, latency)
				ctx, cancel := context.WithTimeout(context.Background(), length)
				defer cancel()
				var wg sync.WaitGroup
				wg.Go(func() { a.send(ctx, pace.NewShared(system{}, source, 0, 0), 64) }) // one that stays
				for ctx.Err() == nil {
					life := time.Duration(1+random.IntN(30)) * time.Second
					wg.Go(func() {
						mortal, die := context.WithTimeout(ctx, life)
						defer die()
						a.send(mortal, pace.NewShared(&stoppable{random: rand.New(rand.NewPCG(seed, uint64(life)))}, source, 0, 0), 64)
					})
					time.Sleep(time.Duration(2+random.IntN(12)) * time.Second)
					if random.IntN(4) == 0 {
						source.fail(errors.New("away"))
						time.Sleep(time.Duration(random.IntN(1500)) * time.Millisecond)
						source.fail(nil)
					}
				}
				wg.Wait()
				require.NoError(t, source.bad)
				fine := a.between(time.Minute, length)
				t.Logf("limit %v: %.1f/s, refused %d of %d, %d leases", limit, fine, a.refused, len(a.fine), source.leases)
				require.GreaterOrEqual(t, fine, 0.9*limit)
				require.LessOrEqual(t, float64(a.refused), 0.02*float64(len(a.fine)+a.refused))
			})
		})
	}
}

// stoppable is the clock of a process that is stopped now and then while it waits.
type stoppable struct {
	system
	mu     sync.Mutex
	random *rand.Rand
}

func (s *stoppable) Sleep(ctx context.Context, d time.Duration) error {
	s.mu.Lock()
	if s.random.IntN(2000) == 0 {
		d += time.Duration(s.random.IntN(5000)) * time.Millisecond
	}
	s.mu.Unlock()
	return s.system.Sleep(ctx, d)
}

// Permissions whose time has passed are not used, whichever clock shows that it has.
func TestPermissionsDieWithTheirWindow(t *testing.T) {
	const gone = 30 * time.Second
	for name, happens := range map[string]func(c *halting){
		"the process is stopped": func(c *halting) { c.halt.Store(int64(gone)) },
		"the machine sleeps":     func(c *halting) { c.wall.Store(int64(gone)) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				clock := &halting{}
				known, err := json.Marshal(pace.Budget{Search: pace.Search{Rate: 100, Falls: 1}})
				require.NoError(t, err)
				source := newCommon(t, time.Millisecond)
				source.budget = known
				l := pace.NewShared(clock, source, 0, 0)
				ctx, cancel := context.WithCancel(context.Background())
				var wg sync.WaitGroup
				var mu sync.Mutex
				var got []time.Time
				for range 200 {
					wg.Go(func() {
						answered, err := l.Wait(ctx)
						if err != nil {
							return
						}
						mu.Lock()
						got = append(got, clock.Now())
						mu.Unlock()
						answered(pace.Fine)
					})
				}
				time.Sleep(105 * time.Millisecond)
				mu.Lock()
				before := len(got)
				mu.Unlock()
				require.InDelta(t, 10, before, 3, "the window has 40 more")
				happens(clock)
				time.Sleep(15 * time.Millisecond)
				clock.halt.Store(0)
				time.Sleep(gone + 5*time.Second)
				cancel()
				wg.Wait()
				require.Len(t, got, 200, "all are let go in the end")
				burst := 0
				for _, at := range got[before+1:] {
					if at.Sub(got[before+1]) < 100*time.Millisecond {
						burst++
					}
				}
				require.LessOrEqual(t, burst, 14)
			})
		})
	}
}

// halting is the clock of a process that is stopped, and continues, or of a machine that sleeps, which its wall clock shows.
type halting struct {
	system
	halt, wall atomic.Int64
}

func (h *halting) Now() time.Time {
	if wall := h.wall.Load(); wall > 0 {
		return time.Now().Round(0).Add(time.Duration(wall))
	}
	return time.Now()
}

func (h *halting) Sleep(ctx context.Context, d time.Duration) error {
	err := h.system.Sleep(ctx, d)
	time.Sleep(time.Duration(h.halt.Load()))
	return err
}

// A limit on how many requests are under way holds for all senders together.
func TestFewerAtOnceOfAllSenders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const allowed = 12
		source, now, most, refused, late := newCommon(t, time.Millisecond), 0, 0, 0, 0
		start := time.Now()
		var mu sync.Mutex
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		var wg sync.WaitGroup
		for range 3 {
			l := pace.NewShared(system{}, source, 0, 0)
			for range 32 {
				wg.Go(func() {
					for {
						answered, err := l.Wait(ctx)
						if err != nil {
							return
						}
						mu.Lock()
						now++
						most = max(most, now)
						tooMany := now > allowed
						if tooMany {
							refused++
							if time.Since(start) > 30*time.Second {
								late++
							}
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
		}
		wg.Wait()
		t.Log(most, refused, late)
		require.Greater(t, most, allowed, "the limit was met")
		require.Less(t, refused, 120)
	})
}

// One who sends little takes nothing from those who send much.
func TestWhoSendsLittleTakesLittle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source, a := newCommon(t, time.Millisecond), newAccount(0, 0, 50*time.Millisecond)
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		var wg sync.WaitGroup
		wg.Go(func() { a.send(ctx, pace.NewShared(system{}, source, 0, 100), 64) })
		slow := &account{server: &bucket{}, latency: 100 * time.Millisecond, start: time.Now()}
		for range 3 {
			wg.Go(func() { slow.send(ctx, pace.NewShared(system{}, source, 0, 0), 1) })
		}
		wg.Wait()
		much, little := a.between(25*time.Second, 30*time.Second), slow.between(25*time.Second, 30*time.Second)
		t.Logf("%.1f/s and %.1f/s", much, little)
		require.GreaterOrEqual(t, much+little, 95.0)
		require.LessOrEqual(t, much+little, 101.0)
		require.Greater(t, much, 75.0)
	})
}

// Where there are no leases, nothing is sent, and who waits learns why: when its own context ends, or after half a minute.
func TestNothingLeavesWithoutALease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		away := errors.New("the database is away")
		source := newCommon(t, time.Millisecond)
		source.fail(away)
		l := pace.NewShared(system{}, source, 0, 0)
		short, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		defer cancel()
		_, err := l.Wait(short)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorIs(t, err, away)
		began := time.Now()
		_, err = l.Wait(context.Background())
		require.ErrorIs(t, err, away)
		require.Greater(t, time.Since(began), 20*time.Second)
		require.Less(t, time.Since(began), 40*time.Second)
		source.fail(nil)
		answered, err := l.Wait(context.Background())
		require.NoError(t, err)
		answered(pace.Fine)
		time.Sleep(time.Minute) // nobody asks for leases when nobody waits
		leases := source.leases
		time.Sleep(time.Minute)
		require.Equal(t, leases, source.leases)
	})
}

// A server whose clock was set back does not keep everybody waiting until it is there again.
func TestTheServersClockIsSetBack(t *testing.T) {
	b, now := pace.Budget{}, time.Unix(2_000_000_000, 0)
	g := b.Lease(now, pace.Report{Sender: "a", Want: 5, TooFast: now})
	back := now.Add(-time.Hour)
	g = b.Lease(back, pace.Report{Sender: "b", Want: 5, Waited: true})
	require.Equal(t, back, g.Start)
	require.Positive(t, g.Count)
	for at := back; at.Before(back.Add(time.Minute)); at = at.Add(200 * time.Millisecond) {
		g = b.Lease(at, pace.Report{Sender: "b", Want: 100, Waited: true})
	}
	require.Greater(t, g.Rate, 6.5, "it goes on rising")
}

// One burst of 429s that several senders see is one fall.
func TestABurstIsOneFall(t *testing.T) {
	b, now := pace.Budget{Search: pace.Begin(time.Time{}, 100)}, time.Unix(2_000_000_000, 0)
	grants := map[string]pace.Grant{}
	for _, sender := range []string{"a", "b", "c"} {
		grants[sender] = b.Lease(now, pace.Report{Sender: sender, Want: 1000})
	}
	for i, sender := range []string{"a", "b", "c", "c", "a"} {
		b.Lease(now.Add(time.Duration(i)*20*time.Millisecond), pace.Report{Sender: sender, TooFast: grants[sender].Start})
	}
	require.Equal(t, 1, b.Search.Falls)
	require.InDelta(t, 80, b.Search.Rate, 0.01)
	next := b.Lease(now.Add(200*time.Millisecond), pace.Report{Sender: "a", Want: 1000})
	b.Lease(next.Start, pace.Report{Sender: "a", TooFast: next.Start})
	require.Equal(t, 2, b.Search.Falls, "what was sent at the lower rate is another matter")
}
