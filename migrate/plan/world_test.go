package plan_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/gateway"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/plan"
	"github.com/subferry/subferry/migrate/sandbox"
	"github.com/subferry/subferry/validate"
)

// today is when the tests take place.
var today = time.Date(2030, 6, 1, 9, 0, 0, 0, time.UTC)

// clock is a clock that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Sleep(ctx context.Context, d time.Duration) error {
	c.advance(d)
	return ctx.Err()
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(max(d, 0))
}

// world is a file, an account and a migrator on a clock.
type world struct {
	*migrate.Migrator
	clock    *clock
	stripe   *sandbox.Server
	input    migrate.Input
	options  migrate.Options
	requests atomic.Int64
	verbs    sync.Map // of the requests
}

// methods returns the HTTP methods that were used.
func (w *world) methods() (methods []string) {
	w.verbs.Range(func(verb, _ any) bool { methods = append(methods, verb.(string)); return true })
	return methods
}

func newWorld(t testing.TB, csv []byte) *world {
	w := &world{
		clock: &clock{now: today}, input: bytesInput(csv),
		options: migrate.Options{Unit: csvspec.UnitMinor, Lead: validate.LiveLead, Margin: validate.DefaultMargin},
	}
	account, err := os.ReadFile(filepath.Join("testdata", "account.json"))
	require.NoError(t, err)
	w.stripe, err = sandbox.Open(sandbox.Options{Now: w.clock.Now, Seed: "plan"})
	require.NoError(t, err)
	t.Cleanup(func() { w.stripe.Close() })
	require.NoError(t, w.stripe.Load(bytes.NewReader(account)))
	w.Migrator = w.migrator(t, w.stripe.Transport())
	return w
}

// migrator returns one that reaches Stripe over a wire.
func (w *world) migrator(t testing.TB, wire http.RoundTripper) *migrate.Migrator {
	key, err := gateway.NewKey("sk_test_plan")
	require.NoError(t, err)
	gw, err := gateway.New(gateway.Config{Key: key, BaseURL: "http://127.0.0.1", HTTP: counted{wire, w}})
	require.NoError(t, err)
	m, err := migrate.New(migrate.Config{Gateway: gw, Ledger: ledger.NewMemory(), Clock: w.clock})
	require.NoError(t, err)
	return m
}

// counted takes note of requests.
type counted struct {
	http.RoundTripper
	w *world
}

func (c counted) RoundTrip(r *http.Request) (*http.Response, error) {
	c.w.requests.Add(1)
	c.w.verbs.Store(r.Method, true)
	return c.RoundTripper.RoundTrip(r)
}

func (w *world) config() plan.Config {
	return plan.Config{Now: w.clock.Now(), APIVersion: gateway.APIVersion, Renewals: plan.Renewals}
}

// plan reviews the file and plans it.
func (w *world) plan(t testing.TB, visit func(*plan.Row) error) *plan.Plan {
	t.Helper()
	review, err := w.Review(t.Context(), w.input, w.options)
	require.NoError(t, err)
	p, err := plan.Make(t.Context(), review, w.config(), visit)
	require.NoError(t, err)
	return p
}

func bytesInput(content []byte) migrate.Input {
	return migrate.Input{Name: "subs.csv", Open: func() (io.ReadSeekCloser, error) { return memoryFile{bytes.NewReader(content)}, nil }}
}

type memoryFile struct{ *bytes.Reader }

func (memoryFile) Close() error { return nil }
