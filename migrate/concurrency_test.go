package migrate_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/crashtest"
	"github.com/subferry/subferry/migrate/pace"
)

// many is a file of n rows for customers that have three subscriptions each.
func many(n int) []byte {
	var b strings.Builder
	b.WriteString("customer,start_date,price,quantity,metadata.third_party_sub_id\n")
	for i := range n {
		fmt.Fprintf(&b, "cus_%d,%d,price_gold,1,old_%d\n", i/3, today.AddDate(0, 0, 10+i%5).Unix(), i)
	}
	return []byte(b.String())
}

// crowd is a wire that sees who is being written to at the same time.
type crowd struct {
	http.RoundTripper
	mu      sync.Mutex
	writing map[string]int
	twice   atomic.Int64
	most    int
	sent    atomic.Int64
	onSend  func(n int64)
}

func (c *crowd) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method != http.MethodPost {
		return c.RoundTripper.RoundTrip(r)
	}
	form, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(form))
	values, err := url.ParseQuery(string(form))
	if err != nil {
		return nil, err
	}
	customer := values.Get("customer")
	c.mu.Lock()
	c.writing[customer]++
	if c.writing[customer] > 1 {
		c.twice.Add(1)
	}
	c.most = max(c.most, len(c.writing))
	c.mu.Unlock()
	time.Sleep(2 * time.Millisecond)
	if c.onSend != nil {
		c.onSend(c.sent.Add(1))
	}
	response, err := c.RoundTripper.RoundTrip(r)
	c.mu.Lock()
	if c.writing[customer]--; c.writing[customer] == 0 {
		delete(c.writing, customer)
	}
	c.mu.Unlock()
	return response, err
}

// busy configures a process with 32 workers on the real clock's pace.
func busy(c *migrate.Config) {
	c.Workers = 32
	c.Pacer = pace.New(migrate.SystemClock{}, 0)
}

func TestManyWorkersNeverWriteTwiceForOneCustomerAtOnce(t *testing.T) {
	const rows = 600
	w := newTestEnv(t, many(rows))
	c := &crowd{RoundTripper: w.stripe.Transport(), writing: map[string]int{}}
	summary, err := w.processOn(c, &crashtest.Crash{}, busy).run(migrate.RunOptions{})
	require.NoError(t, err)
	require.EqualValues(t, rows, summary.Scheduled)
	w.exactlyOne(summary.ID, rows)
	require.Zero(t, c.twice.Load())
	require.Greater(t, c.most, 4, "customers are written to side by side")
}

func TestAStopFinishesWhatIsInFlight(t *testing.T) {
	const rows = 300
	w := newTestEnv(t, many(rows))
	stop := make(chan struct{})
	c := &crowd{RoundTripper: w.stripe.Transport(), writing: map[string]int{}, onSend: func(n int64) {
		if n == 20 {
			close(stop)
		}
	}}
	summary, err := w.processOn(c, &crashtest.Crash{}, busy).run(migrate.RunOptions{Stop: stop})
	require.ErrorIs(t, err, migrate.ErrInterrupted)
	require.Less(t, summary.Scheduled, int64(rows))
	require.Zero(t, summary.Unknown, "nothing is left in flight")
	require.Equal(t, "in_progress", summary.Status)

	_, err = w.process(&crashtest.Crash{}).run(migrate.RunOptions{})
	require.NoError(t, err)
	w.exactlyOne(summary.ID, rows)
}

// At a slow pace many rows wait for their turn. Those are not begun any more.
func TestAStopDoesNotWaitForThoseWhoWait(t *testing.T) {
	w := newTestEnv(t, many(300))
	stop := make(chan struct{})
	c := &crowd{RoundTripper: w.stripe.Transport(), writing: map[string]int{}, onSend: func(n int64) {
		if n == 3 {
			close(stop)
		}
	}}
	summary, err := w.processOn(c, &crashtest.Crash{}, func(c *migrate.Config) {
		c.Workers = 32
		c.Pacer = pace.New(migrate.SystemClock{}, 10)
	}).run(migrate.RunOptions{Stop: stop})
	require.ErrorIs(t, err, migrate.ErrInterrupted)
	require.Less(t, c.sent.Load(), int64(16))
	require.Equal(t, c.sent.Load(), summary.Scheduled)
	require.Zero(t, summary.Unknown)
}

func TestAStopAfterTheLastRowInterruptsNothing(t *testing.T) {
	w := newTestEnv(t, many(5))
	stop := make(chan struct{})
	c := &crowd{RoundTripper: w.stripe.Transport(), writing: map[string]int{}, onSend: func(n int64) {
		if n == 5 {
			close(stop)
		}
	}}
	summary, err := w.processOn(c, &crashtest.Crash{}).run(migrate.RunOptions{Stop: stop})
	require.NoError(t, err)
	require.Equal(t, "scheduled", summary.Status)
}

func TestAnAbortIsResumable(t *testing.T) {
	const rows = 300
	w := newTestEnv(t, many(rows))
	ctx, abort := context.WithCancel(context.Background())
	c := &crowd{RoundTripper: w.stripe.Transport(), writing: map[string]int{}, onSend: func(n int64) {
		if n == 20 {
			abort()
		}
	}}
	p := w.processOn(c, &crashtest.Crash{}, busy)
	review, err := p.Review(ctx, w.input, options)
	require.NoError(t, err)
	_, err = p.Run(ctx, review, migrate.RunOptions{})
	require.ErrorIs(t, err, migrate.ErrInterrupted)

	summary, err := w.process(&crashtest.Crash{}).run(migrate.RunOptions{})
	require.NoError(t, err)
	w.exactlyOne(summary.ID, rows)
}
