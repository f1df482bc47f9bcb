package health_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/pace"
	"github.com/subferry/subferry/migrate/serve/accounts"
	"github.com/subferry/subferry/migrate/serve/health"
	"github.com/subferry/subferry/migrate/serve/jobs"
	"github.com/subferry/subferry/migrate/serve/store"
)

type hands struct{ now time.Time }

func (h *hands) Now() time.Time                             { return h.now }
func (h *hands) Sleep(context.Context, time.Duration) error { return nil }

func get(h http.Handler, path string, header ...string) (int, string) {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func TestReadiness(t *testing.T) {
	clock, log := &hands{now: time.Unix(1_800_000_000, 0)}, &bytes.Buffer{}
	var asked atomic.Int64
	var failure error
	h := health.New(health.Config{Clock: clock, Log: slog.New(slog.NewTextHandler(log, nil)), Checks: []health.Check{
		{Name: "database", Do: func(context.Context) error { asked.Add(1); return failure }}, health.Disk(t.TempDir()),
	}})
	ready := func(status int, failed ...string) {
		t.Helper()
		code, body := get(h, "/readyz")
		var answer struct {
			Ready  bool
			Failed []string
		}
		require.NoError(t, json.Unmarshal([]byte(body), &answer))
		require.Equal(t, []any{status, status == 200}, []any{code, answer.Ready})
		require.ElementsMatch(t, failed, answer.Failed)
	}
	ready(200)
	failure = errors.New(`password authentication failed for user "ferry" at db.internal`)
	ready(200)
	require.EqualValues(t, 1, asked.Load(), "within a second it is not asked again")
	clock.now = clock.now.Add(time.Second)
	ready(503, "database")
	_, body := get(h, "/readyz")
	require.NotContains(t, body, "db.internal", "what is wrong stands in the log")
	require.Contains(t, log.String(), "db.internal")
	code, _ := get(h, "/healthz")
	require.Equal(t, 200, code, "the process lives all the same")
	failure = nil
	clock.now = clock.now.Add(time.Second)
	ready(200)
	h.Drain()
	ready(503)
	code, _ = get(h, "/elsewhere")
	require.Equal(t, 404, code)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/healthz", nil))
	require.Equal(t, 405, w.Code)
}

// Somebody who hangs up while the checks run does not make the service look dead to the next one.
func TestAnAbandonedCheckIsNotAFailure(t *testing.T) {
	h := health.New(health.Config{Log: slog.New(slog.DiscardHandler), Checks: []health.Check{{Name: "database", Do: func(ctx context.Context) error { return ctx.Err() }}}})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/readyz", nil).WithContext(ctx))
	require.Equal(t, 200, w.Code)
}

func TestDisk(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, health.Disk(dir).Do(context.Background()))
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left)
	require.Error(t, health.Disk(filepath.Join(dir, "absent")).Do(context.Background()))
	if runtime.GOOS == "linux" {
		if _, err := os.Stat("/dev/full"); err == nil {
			f, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
			require.NoError(t, err)
			defer f.Close()
			_, err = f.Write(make([]byte, 10))
			require.Error(t, err, "so a full disk shows as the check expects it to")
		}
	}
}

func metrics(t *testing.T, from health.Sources) (*health.Metrics, func() string) {
	now := time.Unix(1_800_000_000, 0)
	m := health.NewMetrics(func() time.Time { now = now.Add(100 * time.Millisecond); return now })
	m.Share(from)
	h := health.New(health.Config{Metrics: m, Loopback: true, Log: slog.New(slog.DiscardHandler)})
	return m, func() string {
		code, body := get(h, "/metrics")
		require.Equal(t, 200, code)
		return body
	}
}

func TestWhoMayReadTheMetrics(t *testing.T) {
	m := health.NewMetrics(time.Now)
	for _, test := range []struct {
		config health.Config
		given  string
		status int
	}{
		{health.Config{Metrics: m, Loopback: true}, "", 200},
		{health.Config{Metrics: m}, "", 403},
		{health.Config{Metrics: m}, "Bearer ", 403},
		{health.Config{Metrics: m, Token: "long-and-random"}, "", 401},
		{health.Config{Metrics: m, Token: "long-and-random", Loopback: true}, "", 401},
		{health.Config{Metrics: m, Token: "long-and-random"}, "Bearer long-and-randoM", 401},
		{health.Config{Metrics: m, Token: "long-and-random"}, "Bearer long-and-random", 200},
		{health.Config{Loopback: true}, "", 404},
	} {
		code, _ := get(health.New(test.config), "/metrics", "Authorization", test.given)
		require.Equal(t, test.status, code, "%q", test.given)
	}
}

func TestRequestsToStripeAreCounted(t *testing.T) {
	m, read := metrics(t, health.Sources{})
	told := 0
	c := &migrate.Config{Pacer: pace.New(migrate.SystemClock{}, 25), Attempts: func(migrate.Attempt) { told++ }}
	m.Watch(accounts.Account{ID: "acct_1", Name: "Ada's Shop"}, c)
	for i, err := range []*migrate.StripeError{nil, nil, {Status: 429, Outcome: migrate.Retryable}, {Status: 402, Outcome: migrate.Refused}, {Outcome: migrate.Unknown}} {
		c.Attempts(migrate.Attempt{Request: int64(i)})
		c.Attempts(migrate.Attempt{Request: int64(i), Over: true, Err: err})
	}
	text := read()
	require.Equal(t, 10, told, "whoever was told before still is")
	for _, line := range []string{`subferry_stripe_requests_total{verdict="executed"} 2`, `subferry_stripe_requests_total{verdict="limited"} 1`,
		`subferry_stripe_requests_total{verdict="refused"} 1`, `subferry_stripe_requests_total{verdict="unknown"} 1`, `subferry_stripe_request_seconds_count 5`,
		`subferry_stripe_request_seconds_bucket{le="0.1"} 5`, `subferry_stripe_rate{account="acct_1",mode="test"} `} {
		require.Contains(t, text, line)
	}
	require.NotContains(t, text, "Ada")
}

func TestJobsAreCounted(t *testing.T) {
	m, read := metrics(t, health.Sources{})
	around := m.Jobs()[0].(rivertype.WorkerMiddleware)
	for _, err := range []error{nil, errors.New("failed"), river.JobSnooze(time.Second), fmt.Errorf("it was: %w", river.JobSnooze(0))} {
		got := around.Work(context.Background(), &rivertype.JobRow{Kind: "shard"}, func(context.Context) error { return err })
		require.Equal(t, err, got)
	}
	text := read()
	for outcome, n := range map[string]int{"done": 1, "failed": 1, "again": 2} {
		require.Contains(t, text, fmt.Sprintf(`subferry_jobs_worked_total{kind="shard",outcome="%s"} %d`, outcome, n))
	}
}

func TestRequestsAreCountedByTheirPattern(t *testing.T) {
	m, read := metrics(t, health.Sources{})
	inside := http.NewServeMux()
	inside.HandleFunc("GET /moves/{id}", func(w http.ResponseWriter, r *http.Request) {
		require.NoError(t, http.NewResponseController(w).Flush(), "streams need it")
		w.WriteHeader(http.StatusTeapot)
	})
	copies := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { next.ServeHTTP(w, r.WithContext(r.Context())) })
	}
	for _, h := range []http.Handler{m.HTTP(inside), m.HTTP(copies(health.Routed(inside)))} {
		get(h, "/moves/mov_somebodys")
		get(h, "/nowhere/customer@example.com")
	}
	text := read()
	require.Contains(t, text, `subferry_http_requests_total{code="200",route="GET /moves/{id}"} 2`, "what was sent first counts")
	require.Contains(t, text, `subferry_http_requests_total{code="404",route="other"} 2`)
	require.NotContains(t, text, "mov_somebodys")
	require.NotContains(t, text, "example.com")
}

func TestWhatAllProcessesShare(t *testing.T) {
	away := errors.New("the database is away")
	from := health.Sources{
		Jobs: func(context.Context) ([]jobs.Count, error) {
			return []jobs.Count{{Kind: "shard", State: "available", Jobs: 7}}, nil
		},
		Rows: func(context.Context) (map[ledger.State]int64, error) {
			return map[ledger.State]int64{ledger.Scheduled: 40}, nil
		},
		Moves:  func(context.Context) (map[store.State]int64, error) { return nil, away },
		Events: func(context.Context) (int64, error) { return 3, nil },
	}
	_, read := metrics(t, from)
	text := read()
	for _, line := range []string{`subferry_jobs{kind="shard",state="available"} 7`, `subferry_rows{state="` + string(ledger.Scheduled) + `"} 40`,
		"subferry_webhook_events_waiting 3", "subferry_scrape_failures_total 1", `subferry_build_info{`} {
		require.Contains(t, text, line)
	}
	from.Events = func(context.Context) (int64, error) { return 0, away }
	_, read = metrics(t, from)
	require.NotContains(t, read(), "\nsubferry_webhook_events_waiting ", "what is not known is not 0")
}

func TestLinesOfTheLogHaveTheirRequest(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(health.Logs(slog.NewJSONHandler(&out, nil))).With("worker", "w1")
	ctx := health.With(context.Background(), slog.String("request", "req_1"))
	one := health.With(ctx, slog.String("migration", "mig_1"))
	two := health.With(ctx, slog.String("migration", "mig_2"))
	log.InfoContext(one, "begun")
	log.WithGroup("g").InfoContext(two, "begun", "x", 1)
	log.Info("nobody's")
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	require.Len(t, lines, 3)
	require.Contains(t, lines[0], `"worker":"w1","request":"req_1","migration":"mig_1"`)
	require.Contains(t, lines[1], "mig_2")
	require.NotContains(t, lines[2], "req_1")
}
