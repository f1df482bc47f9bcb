package cron

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/serve/store"
)

const (
	// Every is how often Tick is to be called.
	Every = 15 * time.Second
	// Grace is how late a moment is still run, when nobody was there at its time. Only the latest one is; earlier ones, and all
	// that are older, are recorded as missed.
	Grace = time.Hour

	punctual  = 2 * time.Minute // later than this is said
	heartbeat = 10 * time.Second
	lostAfter = 90 * time.Second // without a heartbeat
)

// Config is what a Ticker works with. All of it is required.
type Config struct {
	Store   *store.Store
	Clock   migrate.Clock
	Log     *slog.Logger
	Machine string // names this process to people

	// Run executes a schedule's command and returns its exit code; the error is why it could not be started. When the context
	// ends, the command is to stop.
	Run func(ctx context.Context, c store.Schedule, output io.Writer) (exit int, err error)
	// Enqueue has some worker call RunDue, once or several times.
	Enqueue func(ctx context.Context, schedule string, moment csvspec.Timestamp) error
}

// Ticker finds what is due and runs it. Any number of them may work on one store.
type Ticker struct{ Config }

// New returns a Ticker.
func New(c Config) *Ticker { return &Ticker{c} }

// Tick finds what has become due since somebody has last looked, and has workers run it; it records what was missed, and what
// was lost with its worker. An error of one schedule does not keep the others from being looked at.
func (t *Ticker) Tick(ctx context.Context) error {
	open, err := t.Store.OpenRuns(ctx)
	if err != nil {
		return err
	}
	now := t.Clock.Now().Truncate(time.Second)
	busy := map[string]bool{}
	var failed []error
	for _, r := range open {
		still, err := t.lookAfter(ctx, r, now)
		failed = append(failed, err)
		busy[r.Schedule] = busy[r.Schedule] || still
	}
	all, err := t.Store.Schedules(ctx)
	if err != nil {
		return errors.Join(append(failed, err)...)
	}
	for _, c := range all {
		if err := t.check(ctx, c, now, busy[c.Name]); err != nil {
			failed = append(failed, fmt.Errorf("the schedule %s: %w", c.Name, err))
		}
	}
	return errors.Join(failed...)
}

// check deals with the moments of a schedule that have come since they were last looked at.
func (t *Ticker) check(ctx context.Context, c store.Schedule, now time.Time, busy bool) error {
	spec, err := Parse(c.Expression, c.Zone)
	if err != nil {
		return err
	}
	var before, first, last time.Time // of what is due: the last but one, the first and the last
	n := int64(0)
	for moment := range spec.Between(c.CheckedAt.Time(), now) {
		if before, last = last, moment; n == 0 {
			first = moment
		}
		n++
	}
	if n == 0 {
		return nil
	}
	var runs []store.ScheduleRun
	due := store.ScheduleRun{Schedule: c.Name, Moment: csvspec.At(last), StartedBy: "schedule", State: store.RunQueued}
	missed := store.ScheduleRun{Schedule: c.Name, StartedBy: "schedule", State: store.RunMissed, Since: csvspec.At(first), Missed: n, Moment: csvspec.At(last),
		EndedAt: csvspec.At(now), Note: "nobody was there to run it: neither migrate serve nor a worker was up"}
	if now.Sub(last) <= Grace {
		if missed.Missed, missed.Moment = n-1, csvspec.At(before); busy {
			due.State, due.Note, due.EndedAt = store.RunSkipped, "the run before had not ended", csvspec.At(now)
		}
		runs = append(runs, due)
	}
	if missed.Missed > 0 {
		runs = append(runs, missed)
	}
	won, err := t.Store.CheckSchedule(ctx, c, csvspec.At(now), runs)
	if err != nil || !won {
		return err
	}
	for _, r := range runs {
		if r.State != store.RunQueued {
			t.Log.Warn("schedule "+string(r.State), "schedule", r.Schedule, "moment", r.Moment.String(), "moments", max(1, r.Missed), "note", r.Note)
			continue
		}
		if err := t.Enqueue(ctx, r.Schedule, r.Moment); err != nil { // the next tick tries again
			return err
		}
	}
	return nil
}

// lookAfter looks after a run that has not ended: it queues it again, or records that it came to nothing. It tells whether
// the run may still end.
func (t *Ticker) lookAfter(ctx context.Context, r store.ScheduleRun, now time.Time) (bool, error) {
	from := r.State
	switch {
	case from == store.RunQueued && now.Sub(r.Moment.Time()) > Grace+punctual:
		r.State, r.EndedAt, r.Note = store.RunMissed, csvspec.At(now), "no worker was free to run it in time"
	case from == store.RunQueued:
		return true, t.Enqueue(ctx, r.Schedule, r.Moment)
	case now.Sub(r.SeenAt.Time()) > lostAfter:
		r.State, r.EndedAt, r.Note = store.RunLost, csvspec.At(now), "the machine that ran it has died or hangs: what was done is not known, and it is not done again"
	default:
		return true, nil
	}
	won, err := t.Store.UpdateRun(ctx, from, r)
	if won {
		t.Log.Warn("schedule "+string(r.State), "schedule", r.Schedule, "moment", r.Moment.String(), "machine", r.Machine, "note", r.Note)
	}
	return false, err
}
