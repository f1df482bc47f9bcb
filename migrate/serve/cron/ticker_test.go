package cron_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/ledger/postgres/pgtest"
	"github.com/subferry/subferry/migrate/serve/cron"
	"github.com/subferry/subferry/migrate/serve/store"
)

// clock is a clock that the test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) set(text string) {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	c.mu.Lock()
	c.now = at
	c.mu.Unlock()
}

func (c *clock) Sleep(ctx context.Context, _ time.Duration) error { <-ctx.Done(); return ctx.Err() }

// machine is one process with a ticker.
type machine struct {
	*testing.T
	*cron.Ticker
	clock *clock
	store *store.Store
	log   *strings.Builder
	ran   []string // moments and commands
	run   func(ctx context.Context, c store.Schedule, output io.Writer) (int, error)
}

func newMachine(t *testing.T, where, now string) *machine {
	m := &machine{T: t, clock: &clock{}, log: &strings.Builder{}}
	m.clock.set(now)
	var err error
	m.store, err = store.OpenAt(t.Context(), where, m.clock)
	require.NoError(t, err)
	t.Cleanup(func() { m.store.Close() })
	m.run = func(_ context.Context, c store.Schedule, output io.Writer) (int, error) {
		m.ran = append(m.ran, strings.Join(c.Args, " "))
		_, err := io.WriteString(output, "did it\n")
		return 0, err
	}
	m.Ticker = cron.New(cron.Config{
		Store: m.store, Clock: m.clock, Machine: "here", Log: slog.New(slog.NewTextHandler(m.log, nil)),
		Run: func(ctx context.Context, c store.Schedule, output io.Writer) (int, error) {
			return m.run(ctx, c, output)
		},
		Enqueue: func(ctx context.Context, name string, at csvspec.Timestamp) error { return m.RunDue(ctx, name, at) },
	})
	return m
}

func (m *machine) create(name, expression, zone string, args ...string) {
	m.Helper()
	require.NoError(m, m.store.CreateSchedule(m.Context(), store.Schedule{Name: name, Expression: expression, Zone: zone, Args: args, Dir: "/", CreatedAt: csvspec.At(m.clock.Now())}))
}

func (m *machine) tick(now string) {
	m.Helper()
	m.clock.set(now)
	require.NoError(m, m.Tick(m.Context()))
}

// runs lists what is known of runs, the oldest first.
func (m *machine) runs(name string) (all []string) {
	m.Helper()
	runs, err := m.store.Runs(m.Context(), name, 0)
	require.NoError(m, err)
	for _, r := range runs {
		text := r.Moment.String() + " " + string(r.State)
		if r.Missed > 0 {
			text += fmt.Sprintf(" %d since %s", r.Missed, r.Since)
		}
		all = append([]string{text}, all...)
	}
	return all
}

// everywhere runs a test on both databases.
func everywhere(t *testing.T, test func(t *testing.T, where string)) {
	t.Run("sqlite", func(t *testing.T) { test(t, t.TempDir()) })
	t.Run("postgres", func(t *testing.T) { test(t, pgtest.URL(t)) })
}

func TestTick(t *testing.T) {
	everywhere(t, func(t *testing.T, where string) {
		m := newMachine(t, where, "2026-11-27T08:00:00Z")
		m.create("nightly", "10 0 * * *", "Asia/Tokyo", "export", "events", "--from-webhooks")
		m.tick("2026-11-27T08:00:00Z")
		m.tick("2026-11-27T15:09:59Z")
		require.Empty(t, m.runs(""))
		m.tick("2026-11-27T15:10:04Z")
		m.tick("2026-11-27T15:10:19Z")
		m.tick("2026-11-27T15:10:04Z") // a clock that was put back
		require.Equal(t, []string{"2026-11-27T15:10:00Z done"}, m.runs("nightly"))
		require.Equal(t, []string{"export events --from-webhooks"}, m.ran)
		runs, err := m.store.Runs(t.Context(), "nightly", 1)
		require.NoError(t, err)
		require.Equal(t, "did it\n", runs[0].Output)
		require.Equal(t, "here", runs[0].Machine)
		require.Empty(t, runs[0].Note)
	})
}

// TestMissed: what nobody was there to run is said; the latest moment is run once, when it is not older than the grace.
func TestMissed(t *testing.T) {
	for name, c := range map[string]struct {
		expression, back string
		want             []string
		ran              int
		note             string
	}{
		"within the grace": {"0 9 * * *", "2026-11-27T09:40:00Z", []string{"2026-11-27T09:00:00Z done"}, 1, "it began 40m0s late"},
		"too late":         {"0 9 * * *", "2026-11-27T10:00:01Z", []string{"2026-11-27T09:00:00Z missed 1 since 2026-11-27T09:00:00Z"}, 0, "nobody was there"},
		"some days":        {"0 9 * * *", "2026-11-30T09:00:30Z", []string{"2026-11-29T09:00:00Z missed 3 since 2026-11-27T09:00:00Z", "2026-11-30T09:00:00Z done"}, 1, ""},
		"every minute":     {"* * * * *", "2026-11-28T08:00:00Z", []string{"2026-11-28T07:59:00Z missed 1439 since 2026-11-27T08:01:00Z", "2026-11-28T08:00:00Z done"}, 1, ""},
		"on time":          {"0 9 * * *", "2026-11-27T09:02:00Z", []string{"2026-11-27T09:00:00Z done"}, 1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMachine(t, t.TempDir(), "2026-11-27T08:00:00Z")
			m.create("s", c.expression, "UTC", "list")
			m.tick(c.back)
			m.tick(c.back)
			require.Equal(t, c.want, m.runs("s"))
			require.Len(t, m.ran, c.ran)
			runs, err := m.store.Runs(t.Context(), "s", 1)
			require.NoError(t, err)
			require.Contains(t, runs[0].Note, c.note)
			if strings.Contains(strings.Join(c.want, ""), "missed") {
				require.Contains(t, m.log.String(), `level=WARN msg="schedule missed" schedule=s`)
			}
		})
	}
}

func TestDaylightTimeIsRunOnce(t *testing.T) {
	m := newMachine(t, t.TempDir(), "2026-10-24T23:00:00Z")
	m.create("night", "30 2 * * *", "Europe/Berlin", "list")
	for at := time.Date(2026, 10, 24, 23, 0, 0, 0, time.UTC); at.Before(time.Date(2026, 10, 25, 4, 0, 0, 0, time.UTC)); at = at.Add(10 * time.Minute) {
		m.tick(at.Format(time.RFC3339))
	}
	require.Equal(t, []string{"2026-10-25T00:30:00Z done"}, m.runs("night"))
}

// TestHowRunsEnd: each way in which a command can end is recorded, and said.
func TestHowRunsEnd(t *testing.T) {
	for name, c := range map[string]struct {
		run  func(m *machine, stop func()) (int, error)
		want string
		exit int
		note string
	}{
		"exit code":   {func(*machine, func()) (int, error) { return 6, nil }, "failed", 6, ""},
		"no start":    {func(*machine, func()) (int, error) { return 0, errors.New("no such directory") }, "failed", -1, "it could not be started: no such directory"},
		"interrupted": {func(_ *machine, stop func()) (int, error) { stop(); return 130, nil }, "failed", 130, "interrupted, because the service was stopped"},
		"slow, and thought lost": {func(m *machine, _ func()) (int, error) {
			m.tick("2026-11-27T09:30:00Z")
			require.Equal(m, []string{"2026-11-27T09:00:00Z lost"}, m.runs("s"))
			return 0, nil
		}, "done", 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMachine(t, t.TempDir(), "2026-11-27T08:00:00Z")
			m.create("s", "0 9 * * *", "UTC", "list")
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			m.run = func(context.Context, store.Schedule, io.Writer) (int, error) { return c.run(m, stop) }
			m.clock.set("2026-11-27T09:00:01Z")
			if err := m.Tick(ctx); err != nil {
				require.ErrorIs(t, err, context.Canceled)
			}
			require.Equal(t, []string{"2026-11-27T09:00:00Z " + c.want}, m.runs("s"))
			runs, err := m.store.Runs(t.Context(), "s", 0)
			require.NoError(t, err)
			require.Equal(t, c.exit, runs[0].ExitCode)
			require.Contains(t, runs[0].Note, c.note)
		})
	}
}

// TestNotBesideItself: a run that lasts longer than the time between two moments is not started a second time.
func TestNotBesideItself(t *testing.T) {
	m := newMachine(t, t.TempDir(), "2026-11-27T08:00:00Z")
	m.create("s", "*/1 * * * *", "UTC", "list")
	m.run = func(context.Context, store.Schedule, io.Writer) (int, error) {
		m.tick("2026-11-27T08:02:00Z")
		return 0, nil
	}
	m.tick("2026-11-27T08:01:00Z")
	require.Equal(t, []string{"2026-11-27T08:01:00Z done", "2026-11-27T08:02:00Z skipped"}, m.runs("s"))
}

// TestLostJob: a run whose job was lost is queued again; one that no worker takes in time is missed.
func TestLostJob(t *testing.T) {
	m := newMachine(t, t.TempDir(), "2026-11-27T08:00:00Z")
	m.create("s", "0 9 * * *", "UTC", "list")
	queue := m.Config
	queue.Enqueue = func(context.Context, string, csvspec.Timestamp) error { return nil }
	deaf := cron.New(queue)
	m.clock.set("2026-11-27T09:00:01Z")
	require.NoError(t, deaf.Tick(t.Context()))
	require.Equal(t, []string{"2026-11-27T09:00:00Z queued"}, m.runs("s"))
	m.tick("2026-11-27T09:00:16Z")
	require.Equal(t, []string{"2026-11-27T09:00:00Z done"}, m.runs("s"))
	m.clock.set("2026-11-28T09:00:01Z")
	require.NoError(t, deaf.Tick(t.Context()))
	m.tick("2026-11-28T10:03:00Z")
	require.Equal(t, "2026-11-28T09:00:00Z missed", m.runs("s")[1])
	require.Len(t, m.ran, 1)
}

// TestRemovedAndMadeAgain: what was is not made up for.
func TestRemovedAndMadeAgain(t *testing.T) {
	everywhere(t, func(t *testing.T, where string) {
		m := newMachine(t, where, "2026-11-27T08:00:00Z")
		m.create("s", "0 9 * * *", "UTC", "list")
		require.ErrorIs(t, m.store.CreateSchedule(t.Context(), store.Schedule{Name: "s"}), store.ErrExists)
		m.tick("2026-11-27T09:00:01Z")
		require.NoError(t, m.store.RemoveSchedule(t.Context(), "s"))
		require.ErrorIs(t, m.store.RemoveSchedule(t.Context(), "s"), store.ErrNotFound)
		m.tick("2026-11-28T09:00:01Z")
		m.create("s", "0 9 * * *", "UTC", "list")
		m.tick("2026-11-29T09:00:01Z")
		require.Equal(t, []string{"2026-11-27T09:00:00Z done", "2026-11-29T09:00:00Z done"}, m.runs("s"))
	})
}

// TestMadeAgainWhileQueued: a moment of the schedule that was removed does not run the command of another one of its name.
func TestMadeAgainWhileQueued(t *testing.T) {
	m := newMachine(t, t.TempDir(), "2026-11-27T08:00:00Z")
	m.create("s", "0 9 * * *", "UTC", "list")
	queue := m.Config
	queue.Enqueue = func(context.Context, string, csvspec.Timestamp) error { return nil }
	m.clock.set("2026-11-27T09:00:01Z")
	require.NoError(t, cron.New(queue).Tick(t.Context()))
	require.NoError(t, m.store.RemoveSchedule(t.Context(), "s"))
	m.clock.set("2026-11-27T09:00:05Z")
	m.create("s", "0 17 * * *", "UTC", "export", "all")
	m.tick("2026-11-27T09:00:20Z")
	require.Equal(t, []string{"2026-11-27T09:00:00Z failed"}, m.runs("s"))
	require.Empty(t, m.ran)
}

// TestUnreadableSchedule: a schedule that cannot be read at this moment was not removed, and its run waits.
func TestUnreadableSchedule(t *testing.T) {
	where := t.TempDir()
	m := newMachine(t, where, "2026-11-27T08:00:00Z")
	m.create("s", "0 9 * * *", "UTC", "list")
	queue := m.Config
	queue.Enqueue = func(context.Context, string, csvspec.Timestamp) error { return nil }
	m.clock.set("2026-11-27T09:00:01Z")
	require.NoError(t, cron.New(queue).Tick(t.Context()))
	db, err := sql.Open("sqlite", filepath.Join(where, store.Name))
	require.NoError(t, err)
	defer db.Close()
	_, err = db.ExecContext(t.Context(), "ALTER TABLE serve_schedules RENAME TO away")
	require.NoError(t, err)
	due, err := time.Parse(time.RFC3339, "2026-11-27T09:00:00Z")
	require.NoError(t, err)
	require.ErrorContains(t, m.RunDue(t.Context(), "s", csvspec.At(due)), "serve_schedules")
	require.Equal(t, []string{"2026-11-27T09:00:00Z queued"}, m.runs("s"))
	_, err = db.ExecContext(t.Context(), "ALTER TABLE away RENAME TO serve_schedules")
	require.NoError(t, err)
	m.tick("2026-11-27T09:00:16Z")
	require.Equal(t, []string{"2026-11-27T09:00:00Z done"}, m.runs("s"))
}

func TestRunNow(t *testing.T) {
	m := newMachine(t, t.TempDir(), "2026-11-27T08:00:30Z")
	m.create("s", "0 9 * * *", "UTC", "list")
	var shown strings.Builder
	r, err := m.RunNow(t.Context(), "s", "ann", &shown)
	require.NoError(t, err)
	require.Equal(t, store.RunDone, r.State)
	require.Equal(t, "did it\n", shown.String())
	_, err = m.RunNow(t.Context(), "s", "ann", io.Discard)
	require.ErrorIs(t, err, store.ErrExists, "a second has room for one")
	_, err = m.RunNow(t.Context(), "other", "ann", io.Discard)
	require.ErrorIs(t, err, store.ErrNotFound)
	m.clock.set("2026-11-27T09:00:00Z")
	_, err = m.RunNow(t.Context(), "s", "ann", io.Discard)
	require.NoError(t, err)
	m.tick("2026-11-27T09:00:00Z")
	require.Len(t, m.ran, 2, "the moment was run already")
}

// TestOutputIsBounded: the beginning and the end are kept, as text.
func TestOutputIsBounded(t *testing.T) {
	m := newMachine(t, t.TempDir(), "2026-11-27T08:00:30Z")
	m.create("s", "0 9 * * *", "UTC", "list")
	m.run = func(_ context.Context, _ store.Schedule, output io.Writer) (int, error) {
		fmt.Fprint(output, "begin \x00\xff")
		for range 10000 {
			fmt.Fprintln(output, strings.Repeat("x", 99))
		}
		fmt.Fprint(output, "end")
		return 0, nil
	}
	r, err := m.RunNow(t.Context(), "s", "ann", io.Discard)
	require.NoError(t, err)
	require.Less(t, len(r.Output), 40<<10)
	require.Contains(t, r.Output, "begin \uFFFD\uFFFDxxx")
	require.Contains(t, r.Output, "bytes are not kept")
	require.True(t, strings.HasSuffix(r.Output, "\nend"))
}

// TestThreeMachinesNeverRunTwice: three processes tick at the same time, with clocks that differ; jobs are given to two of
// them at once. Every moment is run once, by whichever.
func TestThreeMachinesNeverRunTwice(t *testing.T) {
	everywhere(t, func(t *testing.T, where string) {
		const begin = "2026-10-25T00:15:00Z"
		var mu sync.Mutex
		began := map[string]int{}
		var machines []*machine
		for i := range 3 {
			m := newMachine(t, where, begin)
			m.run = func(_ context.Context, c store.Schedule, _ io.Writer) (int, error) {
				mu.Lock()
				defer mu.Unlock()
				began[c.Name]++
				return i, nil
			}
			machines = append(machines, m)
		}
		for i, m := range machines {
			config := m.Config
			config.Enqueue = func(ctx context.Context, name string, at csvspec.Timestamp) error {
				var both sync.WaitGroup
				errs := make([]error, 2)
				for k := range errs {
					both.Go(func() { errs[k] = machines[(i+k)%3].RunDue(ctx, name, at) })
				}
				both.Wait()
				return errors.Join(errs...)
			}
			m.Ticker = cron.New(config)
		}
		machines[0].create("minutely", "* * * * *", "Europe/Berlin", "list")
		machines[0].create("halves", "*/30 1-3 * * *", "Europe/Berlin", "list")
		start, err := time.Parse(time.RFC3339, begin)
		require.NoError(t, err)
		var all sync.WaitGroup
		for i, m := range machines {
			all.Go(func() {
				for step := range 40 {
					m.clock.set(start.Add(time.Duration(step)*5*time.Minute/10 + time.Duration(i)*7*time.Second).Format(time.RFC3339))
					if err := m.Tick(t.Context()); err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		runs, err := machines[0].store.Runs(t.Context(), "minutely", 0)
		require.NoError(t, err)
		done, moments := 0, int64(0)
		for _, r := range runs {
			moments += max(1, r.Missed)
			if r.State == store.RunDone || r.State == store.RunFailed {
				done++
			}
			require.NotEqual(t, store.RunQueued, r.State)
		}
		require.Equal(t, int64(19), moments, "every moment is accounted for, once")
		require.Equal(t, done, began["minutely"])
		require.Equal(t, 1, began["halves"], "02:30 comes a second time an hour later")
	})
}
