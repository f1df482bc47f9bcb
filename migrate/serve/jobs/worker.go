package jobs

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/riverqueue/river"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/serve/store"
)

// register says who works on what.
func (e *Engine) register(w *river.Workers) {
	river.AddWorker(w, &worker[ReviewArgs]{engine: e, do: e.review, fail: byMove[ReviewArgs](e.failReview)})
	river.AddWorker(w, &worker[SplitArgs]{engine: e, do: e.split, fail: e.failSplit})
	river.AddWorker(w, &worker[ShardArgs]{engine: e, do: e.shard, fail: e.failShard})
	river.AddWorker(w, &worker[FinishArgs]{engine: e, do: e.finish, fail: e.failFinish})
	river.AddWorker(w, &worker[CancelArgs]{engine: e, do: e.cancel, fail: byMove[CancelArgs](e.failCancel)})
	river.AddWorker(w, &worker[ActArgs]{engine: e, do: e.act, fail: e.failAct})
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, _ *river.Job[SweepArgs]) error { return e.Sweep(ctx) }))
}

// byMove records the failure of a job at its move.
func byMove[T task](record func(ctx context.Context, move string, err error) error) func(context.Context, T, error) error {
	return func(ctx context.Context, t T, err error) error {
		move, _ := t.of()
		return record(ctx, move, err)
	}
}

// worker works on jobs of one kind.
type worker[T task] struct {
	river.WorkerDefaults[T]
	engine *Engine

	// do does it, until stop is closed. Its error is ErrInterrupted when it ended because of that.
	do func(ctx context.Context, t T, stop <-chan struct{}) error

	// fail records why it cannot be done, for the person who must act.
	fail func(ctx context.Context, t T, err error) error
}

// Timeout implements river.Worker: a job ends when its work is done, or nobody wants it any more.
func (w *worker[T]) Timeout(*river.Job[T]) time.Duration { return -1 }

// maxAttempts is how often something that is not known to be hopeless is tried; with the pauses in between that is a quarter of an
// hour.
const maxAttempts = 20

// longestPause is how long a failed job waits at most until it is tried again.
const longestPause = time.Minute

// NextRetry implements river.Worker.
func (w *worker[T]) NextRetry(job *river.Job[T]) time.Time {
	return w.engine.machine.Now().Add(min(longestPause, time.Second<<min(job.Attempt, 10)))
}

// errAgain is returned by a job that has to begin anew, because its move was changed meanwhile.
var errAgain = errors.New("the migration was changed meanwhile")

// Work implements river.Worker.
func (w *worker[T]) Work(ctx context.Context, job *river.Job[T]) error {
	e, t := w.engine, job.Args
	move, attempt := t.of()
	log := e.Log.With(slog.String("job", t.Kind()), slog.Int64("job_id", job.ID), slog.String("move", move))
	if alive, err := w.worked(ctx, job); alive || err != nil {
		return river.JobSnooze(patience)
	}
	mine, err := e.Store.Seen(ctx, t.work(), e.Name, attempt)
	if err == nil && !mine {
		return nil // it was given up, and another job does it
	}
	if err != nil {
		return river.JobSnooze(time.Second)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stop, unwanted := w.watch(ctx, t)
	began := e.machine.Now()
	err = w.do(ctx, t, stop)
	log.Debug("worked", slog.Duration("took", e.machine.Now().Sub(began)), slog.Any("error", err))
	switch {
	case err == nil, unwanted() && (errors.Is(err, migrate.ErrInterrupted) || errors.Is(err, errAgain)):
		return e.wakeAfter(ctx, move)
	case errors.Is(err, migrate.ErrInterrupted), errors.Is(err, errAgain):
		return river.JobSnooze(0) // for whoever works on
	case ctx.Err() != nil:
		return err
	case errors.Is(err, ledger.ErrLocked):
		return river.JobSnooze(time.Second)
	case errors.Is(err, ledger.ErrLost) || !is[*migrate.StripeError](err) && store.Away(err):
		log.Warn("the database was away", slog.String("error", err.Error()))
		return river.JobSnooze(2 * time.Second)
	case hopeless(err) || job.Attempt >= maxAttempts:
		log.Error("failed", slog.String("error", err.Error()))
		if failed := w.fail(ctx, t, err); failed != nil {
			return river.JobSnooze(2 * time.Second) // it will be found out again
		}
		return e.wakeAfter(ctx, move)
	}
	log.Warn("is tried again", slog.String("error", err.Error()), slog.Int("attempt", job.Attempt))
	return err
}

// worked tells whether somebody else works at what a job is for. River rescues whatever runs longer than rescueAfter, dead or
// alive.
func (w *worker[T]) worked(ctx context.Context, job *river.Job[T]) (bool, error) {
	if n := len(job.Errors); n == 0 || !strings.Contains(job.Errors[n-1].Error, "rescued") {
		return false, nil
	}
	works, err := w.engine.Store.Works(ctx, job.Args.work())
	if err != nil {
		return false, err
	}
	last := works[job.Args.work()]
	_, attempt := job.Args.of()
	return last.Worker != "" && last.Worker != w.engine.Name && last.Attempt == attempt && last.Idle < patience, nil
}

// wakeAfter queues what a move calls for after a job about it. The job itself is done whether that succeeds or not.
func (e *Engine) wakeAfter(ctx context.Context, move string) error {
	if err := e.Wake(ctx, move); err != nil && !errors.Is(err, store.ErrNotFound) {
		e.Log.Warn("left to the sweep", slog.String("move", move), slog.String("error", err.Error()))
	}
	return nil
}

// stopPoll is how often a job looks whether somebody has stopped its move.
const stopPoll = 400 * time.Millisecond

// watch says again and again that the worker is at work. It closes stop when the engine is to end, when the move does not call for
// the task any more, or when the worker was given up: then, and not when the engine ends, unwanted returns true.
func (w *worker[T]) watch(ctx context.Context, t T) (stop <-chan struct{}, unwanted func() bool) {
	e, closed, nobody := w.engine, make(chan struct{}), make(chan struct{})
	move, attempt := t.of()
	go func() {
		defer close(closed)
		for seen := e.machine.Now(); e.machine.Sleep(ctx, stopPoll) == nil; {
			select {
			case <-e.draining:
				return
			default:
			}
			now, err := e.Store.Standing(ctx, move)
			wanted := err != nil || t.wanted(now) // a database that is away is no reason to stop, what is written is
			if wanted && e.machine.Now().Sub(seen) > heartbeat {
				mine, err := e.Store.Seen(ctx, t.work(), e.Name, attempt)
				wanted = err != nil || mine
				seen = e.machine.Now()
			}
			if !wanted {
				close(nobody)
				return
			}
		}
	}()
	return closed, func() bool {
		select {
		case <-nobody:
			return true
		default:
			return false
		}
	}
}
