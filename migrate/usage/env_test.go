package usage_test

import (
	"context"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/crashtest"
	"github.com/subferry/subferry/migrate/gateway"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/pace"
	"github.com/subferry/subferry/migrate/sandbox"
	"github.com/subferry/subferry/migrate/usage"
)

const header = "identifier,timestamp,event_name,payload_stripe_customer_id,payload_value\n"

// today is when the tests happen.
var today = time.Date(2027, 3, 10, 12, 0, 0, 0, time.UTC)

// testClock is a clock that stands still but for what is slept.
type testClock struct {
	mu sync.Mutex
	at time.Time
}

func (c *testClock) Now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.at }

func (c *testClock) Sleep(ctx context.Context, d time.Duration) error {
	c.advance(d)
	return ctx.Err()
}

func (c *testClock) advance(d time.Duration) { c.mu.Lock(); defer c.mu.Unlock(); c.at = c.at.Add(d) }

// env is an account with meters and customers, and a ledger.
type env struct {
	*testing.T
	clock  *testClock
	stripe *sandbox.Server
	ledger ledger.Ledger
	fault  func(*http.Request) sandbox.Fault
	posts  atomic.Int64 // events that were sent, each try
	locks  crashtest.Customers
	stream bool
}

const customers = 5

func newEnv(t *testing.T) *env {
	e := &env{T: t, clock: &testClock{at: today}, ledger: ledger.NewMemory()}
	var err error
	e.stripe, err = sandbox.Open(sandbox.Options{Now: e.clock.Now, Seed: "usage", Stream: true, Fault: func(r *http.Request) sandbox.Fault {
		if strings.HasSuffix(r.URL.Path, "/meter_events") || strings.HasSuffix(r.URL.Path, "/meter_event_stream") {
			e.posts.Add(1)
		}
		if e.fault == nil {
			return sandbox.Fault{}
		}
		return e.fault(r)
	}})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, e.stripe.Close()) })
	var ids []string
	for i := range customers {
		ids = append(ids, fmt.Sprintf("cus_%d", i))
	}
	_, err = e.stripe.Provision(sandbox.Wanted{Customers: ids, Meters: []string{"calls", "seats"}})
	require.NoError(t, err)
	return e
}

// process is a program that may die.
func (e *env) process(c *crashtest.Crash) *usage.Runner {
	key, err := gateway.NewKey("sk_test_usage")
	require.NoError(e, err)
	api, err := gateway.New(gateway.Config{Key: key, HTTP: crashtest.Transport(e.stripe.Transport(), c)})
	require.NoError(e, err)
	l := crashtest.Ledger(e.ledger, c)
	migrator := func() *migrate.Migrator {
		m, err := migrate.New(migrate.Config{Gateway: api, Ledger: l, Clock: e.clock, Jitter: func() float64 { return 0 }, Pacer: pace.NewFrom(e.clock, 1e6, 0), Customers: &e.locks})
		require.NoError(e, err)
		return m
	}
	return usage.New(usage.Config{
		Gateway: api, Ledger: l, Clock: e.clock, Migrator: migrator(), Sender: migrator(), Workers: 4,
		Account: migrate.Account{ID: e.stripe.Account()}, StreamAnywhere: true,
	})
}

// file makes n events of some customers, one each two minutes back from now.
func (e *env) file(n int) string {
	var b strings.Builder
	b.WriteString(header)
	for i := range n {
		fmt.Fprintf(&b, "use-%d,%d,calls,cus_%d,%d\n", i, today.Unix()-int64(n-i)*120, i%customers, i+1)
	}
	return b.String()
}

func input(text string) migrate.Input {
	return migrate.Input{Name: "usage.csv", Open: func() (io.ReadSeekCloser, error) { return nopCloser{strings.NewReader(text)}, nil }}
}

type nopCloser struct{ io.ReadSeeker }

func (nopCloser) Close() error { return nil }

// run runs a file in a process.
func (e *env) run(c *crashtest.Crash, text string, o usage.RunOptions) (*usage.Summary, error) {
	p := e.process(c)
	v, err := p.Review(e.Context(), input(text), usage.Options{Stream: e.stream})
	if err != nil {
		return nil, err
	}
	return p.Run(e.Context(), v, o)
}

// api makes a request of the sandbox.
func (e *env) api() *gateway.Gateway {
	key, err := gateway.NewKey("sk_test_looking")
	require.NoError(e, err)
	api, err := gateway.New(gateway.Config{Key: key, HTTP: e.stripe.Transport()})
	require.NoError(e, err)
	return api
}

// counted sums up what the meter has counted of each customer.
func (e *env) counted(meter string) map[string]string {
	api := e.api()
	page, err := api.Meters(e.Context(), "")
	require.NoError(e, err)
	all := map[string]string{}
	for _, m := range page.Meters {
		for i := 0; m.EventName == meter && i < customers; i++ {
			id := fmt.Sprintf("cus_%d", i)
			sums, err := api.Summaries(e.Context(), usage.SummaryQuery{Meter: m.ID, Customer: id, Start: floor(today.AddDate(0, 0, -40)), End: floor(today.AddDate(0, 0, 40))})
			require.NoError(e, err)
			all[id] = sums.Summaries[0].Value
		}
	}
	return all
}

func floor(t time.Time) csvspec.Timestamp { return csvspec.At(t.Truncate(time.Hour)) }

// wanted sums up a file.
func wanted(text string) map[string]string {
	sums := map[string]*big.Rat{}
	for i := range customers {
		sums[fmt.Sprintf("cus_%d", i)] = new(big.Rat)
	}
	for line := range strings.Lines(strings.TrimPrefix(text, header)) {
		cells := strings.Split(strings.TrimSpace(line), ",")
		v, _ := new(big.Rat).SetString(cells[4])
		sums[cells[3]].Add(sums[cells[3]], v)
	}
	all := map[string]string{}
	for id, sum := range sums {
		all[id] = sum.RatString()
	}
	return all
}

func floorMinute(t time.Time) csvspec.Timestamp { return csvspec.At(t.Truncate(time.Minute)) }

func pairs(customer, value string) []csvspec.KeyValue {
	return []csvspec.KeyValue{{Key: "stripe_customer_id", Value: customer}, {Key: "value", Value: value}}
}

// deactivate archives a meter.
func (e *env) deactivate(meter string) {
	page, err := e.api().Meters(e.Context(), "")
	require.NoError(e, err)
	for _, m := range page.Meters {
		if m.EventName != meter {
			continue
		}
		req, err := http.NewRequestWithContext(e.Context(), http.MethodPost, "https://api.stripe.com/v1/billing/meters/"+m.ID+"/deactivate", nil)
		require.NoError(e, err)
		req.Header.Set("Authorization", "Bearer sk_test_usage")
		res, err := e.stripe.Transport().RoundTrip(req)
		require.NoError(e, err)
		require.NoError(e, res.Body.Close())
		require.Equal(e, http.StatusOK, res.StatusCode)
	}
}
