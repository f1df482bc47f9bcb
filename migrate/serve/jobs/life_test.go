package jobs_test

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/riverqueue/river"
	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/gateway"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/rehearse"
	"github.com/subferry/subferry/migrate/sandbox"
	"github.com/subferry/subferry/migrate/serve/accounts"
	"github.com/subferry/subferry/migrate/serve/jobs"
	"github.com/subferry/subferry/migrate/serve/store"
)

// running brings a move to where it is running and has scheduled something.
func (e *testEnv) running(engine *jobs.Engine, rows int) store.Move {
	e.Helper()
	m := e.upload(engine, file(rows), nil)
	e.await(m.ID, store.Reviewed)
	e.change(engine, m.ID, func(m *store.Move) { m.Begin(0) })
	require.Eventually(e, func() bool {
		m = e.await(m.ID, store.Running)
		return m.Divided && e.scheduled(m.Migration) > 0
	}, 20*time.Second, 20*time.Millisecond)
	return m
}

// onceEach makes sure that every row of a move has one schedule, in the ledger and in the sandbox.
func (e *testEnv) onceEach(m store.Move, rows int) {
	e.Helper()
	require.Equal(e, rows, e.scheduled(m.Migration))
	count := e.schedules()
	require.Len(e, count, rows)
	for source, n := range count {
		require.Equal(e, 1, n, source)
	}
}

// schedules counts the sandbox's schedules by the ID in the old system, but for canceled ones.
func (e *testEnv) schedules() map[string]int {
	e.Helper()
	key, err := gateway.NewKey("sk_test_counting")
	require.NoError(e, err)
	api, err := gateway.New(gateway.Config{Key: key, HTTP: e.box.Transport()})
	require.NoError(e, err)
	count := map[string]int{}
	for f := (migrate.ScheduleFilter{}); ; {
		page, err := api.Schedules(ctx, f)
		require.NoError(e, err)
		for _, s := range page.Schedules {
			f.After = s.ID
			if s.Status == migrate.StatusNotStarted {
				count[s.Metadata["source_id"]]++
			}
		}
		if !page.More {
			return count
		}
	}
}

// TestPausedWithinASecond stops a move whose shards would take a minute.
func TestPausedWithinASecond(t *testing.T) {
	onBoth(t, sandbox.Options{Latency: 100 * time.Millisecond}, func(e *testEnv) {
		e.config.Accounts = e.accounts(func(c *accounts.Config) { c.Workers = 2 })
		engine := e.engine(nil)
		m := e.running(engine, 400)
		e.change(engine, m.ID, func(m *store.Move) { m.State, m.Stop = store.Paused, true })
		time.Sleep(time.Second)
		stopped := e.scheduled(m.Migration)
		time.Sleep(700 * time.Millisecond)
		require.Equal(e, stopped, e.scheduled(m.Migration))
		require.Less(e, stopped, 400)
		require.Equal(e, store.Paused, e.await(m.ID, store.Paused).State)
		progress, err := engine.Progress(ctx, m)
		require.NoError(e, err)
		require.Equal(e, int64(400), progress.Total)
		require.Equal(e, int64(stopped), progress.Done)

		e.change(engine, m.ID, func(m *store.Move) { m.State = store.Canceling })
		m = e.await(m.ID, store.Canceled)
		require.Empty(e, e.schedules())
		require.Zero(e, e.scheduled(m.Migration))
	})
}

// TestCanceledWhileItRuns cancels a move while its shards are worked on.
func TestCanceledWhileItRuns(t *testing.T) {
	onBoth(t, sandbox.Options{Latency: 20 * time.Millisecond}, func(e *testEnv) {
		engine := e.engine(nil)
		m := e.running(engine, 600)
		e.change(engine, m.ID, func(m *store.Move) { m.State, m.Stop = store.Canceling, true })
		m = e.await(m.ID, store.Canceled)
		require.Empty(e, m.Error)
		require.Empty(e, e.schedules())
	})
}

// TestAnEngineEndsGracefully ends an engine amid a run; another one goes on.
func TestAnEngineEndsGracefully(t *testing.T) {
	onBoth(t, sandbox.Options{Latency: 30 * time.Millisecond}, func(e *testEnv) {
		first, err := jobs.New(ctx, e.config)
		require.NoError(e, err)
		require.NoError(e, first.Start(ctx))
		m := e.running(first, 300)
		stop(e, first)
		require.Empty(e, e.entries(m.Migration, ledger.Intended, ledger.Unknown), "what was in flight was finished")
		require.Less(e, e.scheduled(m.Migration), 300)
		require.Equal(e, store.Running, e.await(m.ID, store.Running).State)
		second := e.engine(nil)
		m = e.await(m.ID, store.Scheduled, store.Paused)
		require.Equal(e, store.Scheduled, m.State, m.Error)
		e.onceEach(m, 300)
		require.NotNil(e, second)
	})
}

// entries returns the rows of a migration in some states.
func (e *testEnv) entries(migration string, states ...ledger.State) (rows []int64) {
	e.Helper()
	for entry, err := range e.ledger.Entries(ctx, migration, states...) {
		require.NoError(e, err)
		rows = append(rows, entry.Row)
	}
	return rows
}

// TestJobsThatAreLostOrRunTwice inserts every job of a run many times over, and deletes them from the queue.
func TestJobsThatAreLostOrRunTwice(t *testing.T) {
	onBoth(t, sandbox.Options{Latency: 10 * time.Millisecond}, func(e *testEnv) {
		engine := e.engine(nil)
		m := e.running(engine, 300)
		for attempt := range int64(3) { // with another attempt each, so that River does not take them for the same
			for n := range int64(15) {
				_, err := engine.Insert(ctx, jobs.ShardArgs{Move: jobs.Move{ID: m.ID, Attempt: attempt}, Round: m.Round, Number: n}, &river.InsertOpts{Queue: "shards"})
				require.NoError(e, err)
			}
			for _, args := range []river.JobArgs{
				jobs.SplitArgs{Move: jobs.Move{ID: m.ID, Attempt: attempt}}, jobs.FinishArgs{Move: jobs.Move{ID: m.ID, Attempt: attempt}, Round: m.Round - 1},
				jobs.ReviewArgs{Move: jobs.Move{ID: m.ID, Attempt: attempt}}, jobs.CancelArgs{Move: jobs.Move{ID: m.ID, Attempt: attempt}},
			} {
				_, err := engine.Insert(ctx, args, &river.InsertOpts{Queue: "account"})
				require.NoError(e, err)
			}
		}
		m = e.await(m.ID, store.Scheduled, store.Paused)
		require.Equal(e, store.Scheduled, m.State, m.Error)
		e.onceEach(m, 300)
	})
}

// TestTheSweepFindsWhatHasNoJob changes states without waking anybody.
func TestTheSweepFindsWhatHasNoJob(t *testing.T) {
	onBoth(t, sandbox.Options{}, func(e *testEnv) {
		engine := e.engine(nil)
		m := e.upload(engine, file(10), nil)
		e.await(m.ID, store.Reviewed)
		_, err := e.store.UpdateMove(ctx, m.ID, func(m *store.Move) error { m.Begin(0); return nil })
		require.NoError(e, err)
		a, err := e.store.CreateAct(ctx, m.ID, "plan", "ann")
		require.NoError(e, err)
		require.NoError(e, engine.Sweep(ctx))
		e.await(m.ID, store.Scheduled)
		require.Equal(e, store.ActDone, e.ended(a.ID).State)
	})
}

// shiftedClock is the machine's clock, which can be set ahead.
type shiftedClock struct {
	migrate.SystemClock
	ahead *atomic.Int64
}

func (c shiftedClock) Now() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }

// TestTheAccountIsSearchedAgain lets a day pass between two engines: what was found in the account then does not count any
// more.
func TestTheAccountIsSearchedAgain(t *testing.T) {
	onBoth(t, sandbox.Options{Latency: 20 * time.Millisecond}, func(e *testEnv) {
		e.config.Accounts = e.accounts(func(c *accounts.Config) { c.Clock = e.clock })
		first, err := jobs.New(ctx, e.config)
		require.NoError(e, err)
		require.NoError(e, first.Start(ctx))
		m := e.running(first, 300)
		stop(e, first)
		e.clock.ahead.Store(int64(25 * time.Hour))
		e.engine(nil)
		m = e.await(m.ID, store.Scheduled, store.Paused)
		require.Equal(e, store.Scheduled, m.State, m.Error)
		e.onceEach(m, 300)
		log, err := e.store.AuditLog(ctx, store.AuditFilter{Move: m.ID})
		require.NoError(e, err)
		again := 0
		for _, entry := range log {
			if entry.Action == "search again" {
				again++
			}
		}
		require.Equal(e, 1, again, "once for all shards")
	})
}

// accounts returns the embedded sandbox with another configuration.
func (e *testEnv) accounts(change func(*accounts.Config)) accounts.Accounts {
	e.Helper()
	c := accounts.Config{Ledger: e.ledger, Workers: 16}
	change(&c)
	all, err := accounts.NewEmbedded(c, e.box)
	require.NoError(e, err)
	return all
}

// served serves the sandbox over HTTP, and makes its account one of those of a directory of keys. answer may answer in its
// place.
func (e *testEnv) served(answer func(w http.ResponseWriter, r *http.Request) bool) {
	e.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !answer(w, r) {
			e.box.ServeHTTP(w, r)
		}
	}))
	e.Cleanup(server.Close)
	dir := e.TempDir()
	require.NoError(e, os.WriteFile(filepath.Join(dir, e.box.Account()), []byte("sk_test_jobs\n"), 0o600))
	all, err := accounts.NewKeys(ctx, accounts.Config{Ledger: e.ledger, Workers: 16, APIBase: server.URL, Sandbox: true}, dir)
	require.NoError(e, err)
	e.config.Accounts = all
}

// provision gives the sandbox what a file names.
func (e *testEnv) provision(text string) {
	e.Helper()
	in := migrate.Input{Name: "subs.csv", Open: func() (io.ReadSeekCloser, error) {
		return struct {
			io.ReadSeeker
			io.Closer
		}{strings.NewReader(text), io.NopCloser(nil)}, nil
	}}
	_, err := rehearse.Provision(ctx, e.box, in, migrate.Options{Lead: time.Hour})
	require.NoError(e, err)
}

// refusal answers with an error of Stripe's.
func refusal(w http.ResponseWriter, status int, message string) bool {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"error": {"type": "invalid_request_error", "message": %q}}`, message)
	return true
}

// TestRefusedRowsAreTriedAgain lets Stripe refuse some rows, which a person has tried again.
func TestRefusedRowsAreTriedAgain(t *testing.T) {
	onBoth(t, sandbox.Options{}, func(e *testEnv) {
		var on atomic.Bool
		var n atomic.Int64
		on.Store(true)
		e.served(func(w http.ResponseWriter, r *http.Request) bool {
			return on.Load() && r.Method == http.MethodPost && n.Add(1)%5 == 0 && refusal(w, 400, "No such thing")
		})
		e.provision(file(50))
		engine := e.engine(nil)
		m := e.upload(engine, file(50), nil)
		e.await(m.ID, store.Reviewed)
		e.change(engine, m.ID, func(m *store.Move) { m.Begin(0) })
		m = e.await(m.ID, store.Scheduled, store.Paused)
		require.Equal(e, store.Scheduled, m.State, m.Error)
		require.Len(e, e.entries(m.Migration, ledger.Refused), 10)
		a, err := engine.Act(ctx, m.ID, "report", "ann")
		require.NoError(e, err)
		require.Equal(e, store.ActDone, e.ended(a.ID).State)
		require.Equal(e, 10, strings.Count(string(e.artifact(m.ID, jobs.RefusedRowsCSV)), "No such thing"))
		on.Store(false)
		e.change(engine, m.ID, func(m *store.Move) { m.Begin(0) })
		m = e.await(m.ID, store.Scheduled, store.Paused)
		require.Equal(e, store.Scheduled, m.State, m.Error)
		e.onceEach(m, 50)
	})
}

// TestAKeyThatIsNotAcceptedPauses lets the account refuse the key amid a run.
func TestAKeyThatIsNotAcceptedPauses(t *testing.T) {
	onBoth(t, sandbox.Options{Latency: 20 * time.Millisecond}, func(e *testEnv) {
		var revoked atomic.Bool
		e.served(func(w http.ResponseWriter, _ *http.Request) bool {
			return revoked.Load() && refusal(w, 401, "Expired API Key provided")
		})
		e.provision(file(300))
		engine := e.engine(nil)
		m := e.running(engine, 300)
		revoked.Store(true)
		m = e.await(m.ID, store.Paused)
		require.Contains(e, m.Error, "Expired API Key provided")
		revoked.Store(false)
		e.change(engine, m.ID, func(m *store.Move) { m.Begin(0) })
		m = e.await(m.ID, store.Scheduled, store.Paused)
		require.Equal(e, store.Scheduled, m.State, m.Error)
		e.onceEach(m, 300)
	})
}

// TestSeveralEnginesShareARun lets three engines with connections of their own work on two moves.
func TestSeveralEnginesShareARun(t *testing.T) {
	e := newEnv(t, pgURL(t), sandbox.Options{Latency: 5 * time.Millisecond})
	first := e.engine(nil)
	for range 2 {
		other := newEnvBeside(e)
		other.engine(nil)
	}
	m := e.upload(first, file(900), nil)
	e.await(m.ID, store.Reviewed)
	e.change(first, m.ID, func(m *store.Move) { m.Begin(0) })
	m = e.await(m.ID, store.Scheduled, store.Paused)
	require.Equal(e, store.Scheduled, m.State, m.Error)
	e.onceEach(m, 900)
}

func TestOnlyOneEngineOfADirectory(t *testing.T) {
	e := newEnv(t, t.TempDir(), sandbox.Options{})
	e.engine(nil)
	_, err := jobs.New(ctx, e.config)
	require.ErrorContains(e, err, "another service works in "+e.where)
	idle, err := jobs.New(ctx, jobs.Config{Store: e.store, Ledger: e.ledger, Accounts: e.config.Accounts})
	require.NoError(e, err, "one that only queues may be beside it")
	require.NoError(e, idle.Stop(context.Background()))
}

// A process that dies while it sweeps leaves a job behind that River takes for running, for a quarter of an hour. The next
// sweep is queued all the same.
func TestASweepWhoseProcessHasDiedIsInNobodysWay(t *testing.T) {
	t.Parallel()
	s, err := store.Open(ctx, t.TempDir())
	require.NoError(t, err)
	defer s.Close()
	engine, err := jobs.New(ctx, jobs.Config{Store: s, Ledger: ledger.NewMemory()})
	require.NoError(t, err)
	defer engine.Stop(ctx)
	job, err := engine.Insert(ctx, jobs.SweepArgs{}, nil)
	require.NoError(t, err)
	queue, err := sql.Open("sqlite", "file:"+filepath.Join(s.Dir(), "river.db")+"?_pragma=busy_timeout(15000)")
	require.NoError(t, err)
	defer queue.Close()
	_, err = queue.ExecContext(ctx, "UPDATE river_job SET state = 'running', attempt = 1, attempted_at = created_at WHERE id = ?", job.Job.ID)
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		next, err := engine.Insert(ctx, jobs.SweepArgs{}, nil)
		return err == nil && !next.UniqueSkippedAsDuplicate
	}, 30*time.Second, 500*time.Millisecond)
}
