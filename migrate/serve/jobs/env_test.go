package jobs_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/ledger/postgres"
	"github.com/subferry/subferry/migrate/ledger/postgres/pgtest"
	"github.com/subferry/subferry/migrate/ledger/sqlite"
	"github.com/subferry/subferry/migrate/sandbox"
	"github.com/subferry/subferry/migrate/serve/accounts"
	"github.com/subferry/subferry/migrate/serve/jobs"
	"github.com/subferry/subferry/migrate/serve/store"
)

var ctx = context.Background()

// testEnv is a service without its pages: a store, a ledger, an embedded sandbox, and engines.
type testEnv struct {
	*testing.T
	store  *store.Store
	ledger ledger.Ledger
	box    *sandbox.Server
	clock  shiftedClock // the sandbox's
	where  string
	config jobs.Config
}

// onBoth runs a test on the embedded default and on Postgres, beside the other tests: they wait for jobs more than they compute.
func onBoth(t *testing.T, options sandbox.Options, test func(e *testEnv)) {
	t.Parallel()
	for name, where := range map[string]func(t *testing.T) string{
		"embedded": func(t *testing.T) string { return t.TempDir() },
		"postgres": func(t *testing.T) string { return pgtest.URL(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(newEnv(t, where(t), options))
		})
	}
}

func newEnv(t *testing.T, where string, options sandbox.Options) *testEnv {
	e := &testEnv{T: t, where: where, clock: shiftedClock{ahead: &atomic.Int64{}}}
	options.Now = e.clock.Now
	var err error
	e.store, err = store.Open(ctx, where)
	require.NoError(t, err)
	t.Cleanup(func() { e.store.Close() })
	if strings.HasPrefix(where, "postgres") {
		e.ledger, err = postgres.Open(ctx, where)
	} else {
		e.ledger, err = sqlite.Open(ctx, where)
	}
	require.NoError(t, err)
	t.Cleanup(func() { e.ledger.Close() })
	e.box, err = sandbox.Open(options)
	require.NoError(t, err)
	t.Cleanup(func() { e.box.Close() })
	all, err := accounts.NewEmbedded(accounts.Config{Ledger: e.ledger, Workers: 16}, e.box)
	require.NoError(t, err)
	e.config = jobs.Config{Store: e.store, Ledger: e.ledger, Accounts: all, Work: true, Rows: 20}
	return e
}

func pgURL(t *testing.T) string { return pgtest.URL(t) }

// newEnvBeside is another process of the same service: it has the sandbox in common, and connections of its own.
func newEnvBeside(first *testEnv) *testEnv {
	e := &testEnv{T: first.T, where: first.where, box: first.box}
	var err error
	e.store, err = store.Open(ctx, e.where)
	require.NoError(e, err)
	e.Cleanup(func() { e.store.Close() })
	e.ledger, err = postgres.Open(ctx, e.where)
	require.NoError(e, err)
	e.Cleanup(func() { e.ledger.Close() })
	all, err := accounts.NewEmbedded(accounts.Config{Ledger: e.ledger, Workers: 16}, e.box)
	require.NoError(e, err)
	e.config = jobs.Config{Store: e.store, Ledger: e.ledger, Accounts: all, Work: true, Rows: 20}
	return e
}

// engine starts an engine, which ends with the test.
func (e *testEnv) engine(change func(*jobs.Config)) *jobs.Engine {
	e.Helper()
	c := e.config
	c.Log = slog.New(slog.NewTextHandler(e.Output(), &slog.HandlerOptions{Level: slog.LevelInfo}))
	if change != nil {
		change(&c)
	}
	engine, err := jobs.New(ctx, c)
	require.NoError(e, err)
	require.NoError(e, engine.Start(ctx))
	e.Cleanup(func() { stop(e, engine) })
	return engine
}

func stop(t require.TestingT, engine *jobs.Engine) {
	until, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	require.NoError(t, engine.Stop(until))
}

// file returns a file of the format with so many rows, all of different customers.
func file(rows int) string { return fileNamed(rows, "") }

// fileNamed returns such a file whose customers and source IDs have something of their own in their names.
func fileNamed(rows int, name string) string {
	var b strings.Builder
	b.WriteString("customer,start_date,price,quantity,metadata_source_id\n")
	start := time.Now().Add(30 * 24 * time.Hour).Unix()
	for i := range rows {
		fmt.Fprintf(&b, "cus_%s%06d,%d,price_gold,1,old_%s%06d\n", name, i, start+int64(i), name, i)
	}
	return b.String()
}

// upload makes a move of a file and lets it be reviewed.
func (e *testEnv) upload(engine *jobs.Engine, text string, change func(*store.Move)) store.Move {
	e.Helper()
	m := e.create(e.box.Account(), text, change)
	require.NoError(e, engine.Wake(ctx, m.ID))
	return m
}

// create makes a move of a file.
func (e *testEnv) create(account, text string, change func(*store.Move)) store.Move {
	e.Helper()
	sha, _, err := e.store.PutBlob(ctx, strings.NewReader(text), 1<<30)
	require.NoError(e, err)
	m := store.Move{
		ID: store.NewID("mov"), Account: account, File: "subs.csv", Upload: sha, State: store.Reviewing, CreatedBy: "ann",
		Options: migrate.Options{Unit: csvspec.UnitMinor},
	}
	if change != nil {
		change(&m)
	}
	m, err = e.store.CreateMove(ctx, m)
	require.NoError(e, err)
	return m
}

// await waits until a move is in one of some states.
func (e *testEnv) await(id string, states ...store.State) store.Move {
	e.Helper()
	var m store.Move
	require.Eventually(e, func() bool {
		var err error
		m, err = e.store.Move(ctx, id)
		require.NoError(e, err)
		for _, s := range states {
			if m.State == s {
				return true
			}
		}
		return false
	}, time.Minute, 20*time.Millisecond, "waits for %v", states)
	return m
}

// change changes a move as a handler does, and wakes the engine.
func (e *testEnv) change(engine *jobs.Engine, id string, change func(*store.Move)) {
	e.Helper()
	_, err := e.store.UpdateMove(ctx, id, func(m *store.Move) error { change(m); return nil })
	require.NoError(e, err)
	require.NoError(e, engine.Wake(ctx, id))
}

// scheduled returns how many rows of a migration the ledger has as scheduled, and makes sure that the sandbox has as many
// schedules, each of another row.
func (e *testEnv) scheduled(migration string) int {
	e.Helper()
	n := 0
	for entry, err := range e.ledger.Entries(ctx, migration, ledger.Scheduled) {
		require.NoError(e, err)
		require.NotEmpty(e, entry.ScheduleID)
		n++
	}
	return n
}
