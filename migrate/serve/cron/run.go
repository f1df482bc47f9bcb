package cron

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/csvspec/words"
	"github.com/subferry/subferry/migrate/serve/store"
)

// RunDue runs what Tick has found due, unless some worker has begun it before: a run is begun once, whatever becomes of it.
func (t *Ticker) RunDue(ctx context.Context, schedule string, moment csvspec.Timestamp) error {
	c, err := t.Store.Schedule(ctx, schedule)
	gone := errors.Is(err, store.ErrNotFound) || c.CreatedAt > moment // another one of this name has another command
	if err != nil && !gone {
		return err // nothing was begun: the run stays queued
	}
	now := t.Clock.Now()
	r := store.ScheduleRun{Schedule: schedule, Moment: moment, State: store.RunRunning, Machine: t.Machine, BeganAt: csvspec.At(now), SeenAt: csvspec.At(now)}
	if late := now.Sub(moment.Time()).Truncate(time.Second); late > punctual {
		r.Note = fmt.Sprintf("it began %s late, because nobody was there to run it at %s", late, words.Minute(moment))
	}
	if gone {
		r.State, r.Note, r.EndedAt = store.RunFailed, "the schedule was removed before it began", r.BeganAt
	}
	if won, err := t.Store.UpdateRun(ctx, store.RunQueued, r); err != nil || !won || gone {
		return err
	}
	return t.execute(ctx, c, &r, io.Discard)
}

// RunNow runs a schedule's command at once, in this process's care, beside its set times. What it prints goes to output too.
func (t *Ticker) RunNow(ctx context.Context, name, who string, output io.Writer) (store.ScheduleRun, error) {
	c, err := t.Store.Schedule(ctx, name)
	if err != nil {
		return store.ScheduleRun{}, err
	}
	now := csvspec.At(t.Clock.Now())
	r := store.ScheduleRun{Schedule: name, Moment: now, State: store.RunRunning, StartedBy: who, Machine: t.Machine, BeganAt: now, SeenAt: now}
	if err := t.Store.PutRun(ctx, r); err != nil {
		return r, err
	}
	return r, t.execute(ctx, c, &r, output)
}

// execute runs a command and records how it ended, also when the context has ended meanwhile.
func (t *Ticker) execute(ctx context.Context, c store.Schedule, r *store.ScheduleRun, output io.Writer) error {
	kept := &bounded{}
	beating, stop := context.WithCancel(ctx)
	var beats sync.WaitGroup
	beats.Go(func() {
		for t.Clock.Sleep(beating, heartbeat) == nil {
			alive := *r
			alive.SeenAt, alive.Output = csvspec.At(t.Clock.Now()), kept.String()
			if _, err := t.Store.UpdateRun(beating, store.RunRunning, alive); err != nil && beating.Err() == nil {
				t.Log.Warn("a schedule's run cannot be recorded", "schedule", r.Schedule, "error", err)
			}
		}
	})
	t.Log.Info("schedule begins", "schedule", r.Schedule, "moment", r.Moment.String(), "command", strings.Join(c.Args, " "))
	exit, err := t.Run(ctx, c, io.MultiWriter(kept, output))
	interrupted := ctx.Err() != nil
	stop()
	beats.Wait()
	r.State, r.ExitCode, r.Output = store.RunDone, exit, kept.String()
	r.EndedAt, r.SeenAt = csvspec.At(t.Clock.Now()), csvspec.At(t.Clock.Now())
	switch {
	case err != nil:
		r.State, r.ExitCode, r.Note = store.RunFailed, -1, "it could not be started: "+err.Error()
	case interrupted:
		r.State, r.Note = store.RunFailed, "it was interrupted, because the service was stopped"
	case exit != 0:
		r.State = store.RunFailed
	}
	end, release := context.WithTimeout(context.WithoutCancel(ctx), heartbeat)
	defer release()
	won, err := t.Store.UpdateRun(end, store.RunRunning, *r)
	if err == nil && !won { // it was thought lost, and was only slow
		_, err = t.Store.UpdateRun(end, store.RunLost, *r)
	}
	t.Log.Info("schedule ended", "schedule", r.Schedule, "moment", r.Moment.String(), "state", r.State, "exit_code", r.ExitCode, "note", r.Note)
	return err
}

// The most that is kept of what a command prints.
const (
	keptFirst = 8 << 10
	keptLast  = 24 << 10
)

// bounded keeps the beginning and the end of what is written to it.
type bounded struct {
	mu          sync.Mutex
	first, last []byte
	left        int64 // bytes between them that are not kept
}

// Write implements io.Writer.
func (b *bounded) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := min(len(p), keptFirst-len(b.first))
	b.first = append(b.first, p[:n]...)
	b.last = append(b.last, p[n:]...)
	if over := len(b.last) - keptLast; over > 0 {
		b.last = append(b.last[:0], b.last[over:]...)
		b.left += int64(over)
	}
	return len(p), nil
}

// String returns what is kept, as text that any database takes.
func (b *bounded) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	text := string(b.first)
	if b.left > 0 {
		text += fmt.Sprintf("\n… %d bytes are not kept …\n", b.left)
	}
	return strings.ReplaceAll(strings.ToValidUTF8(text+string(b.last), "\uFFFD"), "\x00", "\uFFFD")
}
