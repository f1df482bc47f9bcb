package postgres_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate/ledger/postgres"
	"github.com/subferry/subferry/migrate/ledger/postgres/pgtest"
	"github.com/subferry/subferry/migrate/pace"
)

// machine is the clock of this machine.
type machine struct{}

func (machine) Now() time.Time { return time.Now() }
func (machine) Sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// What the senders are told.
const (
	childTarget  = "SUBFERRY_TEST_TARGET"
	childAccount = "SUBFERRY_TEST_ACCOUNT"
	childMax     = "SUBFERRY_TEST_MAX"
)

// send sends requests from 32 workers at the pace that all processes share, until somebody ends it.
func send(s *postgres.Store) error {
	most, _ := strconv.ParseFloat(os.Getenv(childMax), 64)
	l := s.Limiter(machine{}, pace.Account{ID: os.Getenv(childAccount)}, 0, most)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	for range 32 {
		go func() {
			for {
				answered, err := l.Wait(ctx)
				if err != nil {
					fmt.Println("error:", err)
					continue
				}
				response, err := client.Get(os.Getenv(childTarget) + "/?from=" + strconv.Itoa(os.Getpid()))
				if err != nil {
					answered(pace.NotAnswered)
					continue
				}
				_, _ = io.Copy(io.Discard, response.Body)
				response.Body.Close()
				answered(map[bool]pace.Verdict{true: pace.Fine, false: pace.TooFast}[response.StatusCode == http.StatusOK])
			}
		}()
	}
	select {}
}

// limiter is a server that answers 429 to whatever exceeds its limit, which it tells nobody.
type limiter struct {
	*httptest.Server
	limit, tokens float64
	mu            sync.Mutex
	last, began   time.Time
	fine, refused []time.Duration
	senders       map[string]int
}

func newLimiter(t *testing.T, limit float64) *limiter {
	l := &limiter{limit: limit, tokens: limit / 4, last: time.Now(), began: time.Now(), senders: map[string]int{}}
	l.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		l.mu.Lock()
		now := time.Now()
		l.tokens = min(limit/4, l.tokens+now.Sub(l.last).Seconds()*limit)
		l.last = now
		ok := l.tokens >= 1
		if ok {
			l.tokens--
			l.fine = append(l.fine, now.Sub(l.began))
			l.senders[r.URL.Query().Get("from")]++
		} else {
			l.refused = append(l.refused, now.Sub(l.began))
		}
		l.mu.Unlock()
		time.Sleep(40 * time.Millisecond)
		if !ok {
			w.WriteHeader(http.StatusTooManyRequests)
		}
	}))
	t.Cleanup(l.Close)
	return l
}

// between returns how many requests a second were accepted in a stretch of time, and how many refused.
func (l *limiter) between(from, to time.Duration) (fine, refused float64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	count := func(all []time.Duration) (n float64) {
		for _, at := range all {
			if at >= from && at < to {
				n++
			}
		}
		return n / (to - from).Seconds()
	}
	return count(l.fine), count(l.refused)
}

func (l *limiter) elapsed() time.Duration { return time.Since(l.began) }

// sender starts a process that sends to a limiter.
func sender(t *testing.T, l *limiter, address, account string, most float64) *exec.Cmd {
	t.Setenv(childTarget, l.URL)
	t.Setenv(childAccount, account)
	t.Setenv(childMax, fmt.Sprint(most))
	cmd, lines := child(t, "send", address)
	go func() {
		for lines.Scan() {
			fmt.Println(account, lines.Text())
		}
	}()
	return cmd
}

// Three processes for each of two accounts: each limit is used to 95 % by all of them together, and what is refused is what
// finding it takes. The one account is new to them, of the other they know what earlier ones have found out.
func TestProcessesShareTheRate(t *testing.T) {
	if testing.Short() {
		t.Skip("takes 20 seconds")
	}
	address := pgtest.URL(t)
	open(t, address)
	known, err := json.Marshal(pace.Budget{Search: pace.Search{Rate: 192, Falls: 3, Trims: 1}})
	require.NoError(t, err)
	length, settled, least := 18*time.Second, 10*time.Second, 0.85 // beside the other tests; what it is without them is simulated in package pace
	if os.Getenv("SUBFERRY_SOAK") == "" {
		execute(t, address, "INSERT INTO rates VALUES ('acct_fast', false, '', 0, '"+string(known)+"')")
	} else {
		length, settled, least = 3*time.Minute, time.Minute, 0.95
	}
	fast, slow := newLimiter(t, 200), newLimiter(t, 25)
	for range 3 {
		sender(t, fast, address, "acct_fast", 0)
		sender(t, slow, address, "acct_slow", 0)
	}
	time.Sleep(length - fast.elapsed())
	for _, l := range []*limiter{fast, slow} {
		now := l.elapsed()
		fine, refused := l.between(now-settled, now)
		whole, lost := l.between(0, now)
		t.Logf("limit %v: at last %.1f/s, refused %.2f/s; from the beginning %.1f/s, refused %.2f/s; by process %v", l.limit, fine, refused, whole, lost, l.senders)
		require.GreaterOrEqual(t, fine, least*l.limit)
		require.LessOrEqual(t, lost, 0.02*l.limit)
		require.Len(t, l.senders, 3)
	}
}

// Processes are stopped, continue, are killed, and new ones come: at no time do they send more than the limit together, but for
// what finding it takes, and what those do not use that are left is little.
func TestProcessesThatStopAndDieShareTheRate(t *testing.T) {
	if testing.Short() {
		t.Skip("takes 15 seconds")
	}
	const limit = 100
	address := pgtest.URL(t)
	open(t, address)
	known, err := json.Marshal(pace.Budget{Search: pace.Search{Rate: 96, Falls: 3, Trims: 1}})
	require.NoError(t, err)
	execute(t, address, "INSERT INTO rates VALUES ('acct_1', false, '', 0, '"+string(known)+"')")
	rounds := 4
	if os.Getenv("SUBFERRY_SOAK") != "" {
		rounds = 60
	}
	l := newLimiter(t, limit)
	var running []*exec.Cmd
	for range 3 {
		running = append(running, sender(t, l, address, "acct_1", 0))
	}
	time.Sleep(3 * time.Second)
	began := l.elapsed()
	for round := range rounds {
		victim := running[round%3].Process
		require.NoError(t, pause(victim))
		time.Sleep(1500 * time.Millisecond)
		if round%2 == 0 {
			require.NoError(t, goOn(victim))
		} else {
			require.NoError(t, victim.Kill())
			running[round%3] = sender(t, l, address, "acct_1", 0)
		}
		time.Sleep(1500 * time.Millisecond)
	}
	ended := l.elapsed()
	fine, refused := l.between(began, ended)
	most := 0.0
	for at := began; at+time.Second <= ended; at += 100 * time.Millisecond {
		f, r := l.between(at, at+time.Second)
		most = max(most, f+r)
	}
	t.Logf("%.1f/s, refused %.2f/s, at most %v in a second", fine, refused, most)
	require.GreaterOrEqual(t, fine, 0.85*limit, "a stopped process takes the windows with it that it has")
	require.LessOrEqual(t, refused, 0.02*limit)
	require.LessOrEqual(t, most, 1.2*limit)
}

// The least cap of those that send holds for all of them.
func TestTheLeastCapHoldsForAll(t *testing.T) {
	address := pgtest.URL(t)
	open(t, address)
	l := newLimiter(t, 200)
	for _, most := range []float64{0, 20, 50} {
		sender(t, l, address, "acct_1", most)
	}
	length := 6 * time.Second
	time.Sleep(length)
	fine, refused := l.between(length/2, length)
	require.InDelta(t, 20, fine, 2)
	require.Zero(t, refused)
}

// A lost connection is made again, and a budget that nobody understands is found out anew. While the database cannot be reached,
// nothing leaves.
func TestTheRateOutlivesItsConnection(t *testing.T) {
	address := pgtest.URL(t)
	cable, over := newLine(t, address)
	s := open(t, over)
	l := s.Limiter(machine{}, pace.Account{ID: "acct_1", Livemode: true}, 50, 0)
	wait := func(patience time.Duration) error {
		short, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		answered, err := l.Wait(short)
		if err == nil {
			answered(pace.Fine)
		}
		return err
	}
	for range 20 {
		require.NoError(t, wait(5*time.Second))
	}
	rate, found := l.Rate()
	require.GreaterOrEqual(t, rate, 50.0)
	require.False(t, found)
	cable.cutAll()
	for range 20 {
		require.NoError(t, wait(5*time.Second))
	}
	execute(t, address, "UPDATE rates SET budget = '{\"Search\": 7'", "DELETE FROM rates WHERE account = 'other'")
	time.Sleep(100 * time.Millisecond)
	require.NoError(t, wait(5*time.Second))
	execute(t, address, "DELETE FROM rates")
	time.Sleep(300 * time.Millisecond)
	require.NoError(t, wait(5*time.Second))

	cable.cut.Store(int32(atOnce)) // whatever is said from now on is cut off
	time.Sleep(500 * time.Millisecond)
	err := wait(time.Second)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorContains(t, err, "the ledger postgres://")
	require.NotContains(t, err.Error(), pgtest.Password)
	cable.cut.Store(int32(nowhere))
	require.NoError(t, wait(10*time.Second))
}
