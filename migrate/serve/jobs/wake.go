package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/subferry/subferry/migrate/serve/store"
)

// Wake queues the jobs that the state of a move calls for, unless they are queued already. Whoever has changed a move's
// state calls it; when it fails, or its caller dies before, the sweep does the same a little later.
func (e *Engine) Wake(ctx context.Context, id string) error {
	m, err := e.Store.Move(ctx, id)
	if err != nil {
		return err
	}
	return e.wake(ctx, m)
}

func (e *Engine) wake(ctx context.Context, m store.Move) error {
	tasks, err := e.tasks(ctx, m)
	if err != nil || len(tasks) == 0 {
		return err
	}
	works, err := e.Store.Works(ctx, m.ID+"/")
	if err != nil {
		return err
	}
	for _, t := range tasks {
		if err := e.ensure(ctx, t, works[t.work()]); err != nil {
			return err
		}
	}
	return nil
}

// tasks returns what a move calls for.
func (e *Engine) tasks(ctx context.Context, m store.Move) ([]task, error) {
	of := Move{ID: m.ID}
	switch {
	case m.State == store.Reviewing:
		return []task{ReviewArgs{of}}, nil
	case m.State == store.Canceling && m.Error == "":
		return []task{CancelArgs{of}}, nil
	case m.State != store.Running || m.Stop:
		return nil, nil
	case !m.Divided:
		return []task{SplitArgs{of}}, nil
	}
	left, err := e.Store.ShardsLeft(ctx, m.ID, m.Round, window)
	if err != nil {
		return nil, err
	}
	if len(left) == 0 {
		return []task{FinishArgs{of, m.Round}}, nil
	}
	tasks := make([]task, len(left))
	for i, h := range left {
		tasks[i] = ShardArgs{of, m.Round, h.Number}
	}
	return tasks, nil
}

// ensure queues a job for a task, unless there is one that waits, or whose worker is alive.
func (e *Engine) ensure(ctx context.Context, t task, w store.Work) error {
	job, err := e.insert(ctx, t.at(w.Attempt))
	if err != nil || !job.UniqueSkippedAsDuplicate || !e.dead(job.Job, w) {
		return err
	}
	limit := patience
	if e.lock != nil {
		limit = 0
	}
	attempt, ours, err := e.Store.GiveUp(ctx, t.work(), w.Attempt, limit)
	if err != nil || !ours {
		return err
	}
	e.Log.Warn("a worker has died, or is stopped: its work is queued again", slog.String("work", t.work()), slog.String("worker", w.Worker))
	_, err = e.insert(ctx, t.at(attempt))
	return err
}

// dead tells whether the worker of a job that River takes for running was not seen for too long. Of the only engine of a
// directory, others than itself are dead at once.
func (e *Engine) dead(job *rivertype.JobRow, w store.Work) bool {
	if job == nil || job.State != rivertype.JobStateRunning {
		return false
	}
	if e.lock != nil {
		return len(job.AttemptedBy) > 0 && job.AttemptedBy[len(job.AttemptedBy)-1] != e.Name
	}
	seen := w.Worker != "" && w.Idle < patience
	return !seen && (job.AttemptedAt == nil || e.machine.Now().Sub(*job.AttemptedAt) > patience)
}

func (e *Engine) insert(ctx context.Context, t task) (*rivertype.JobInsertResult, error) {
	job, err := e.client.Insert(ctx, t, &river.InsertOpts{Queue: t.queue(), UniqueOpts: once()})
	if err != nil {
		return nil, fmt.Errorf("the job %s cannot be queued: %w", t.work(), err)
	}
	return job, nil
}

// Act records that somebody has asked for a read-only act, see ActKinds, and queues it.
func (e *Engine) Act(ctx context.Context, move, kind, actor string) (store.Act, error) {
	if !slices.Contains(ActKinds(), kind) {
		return store.Act{}, fmt.Errorf("there is no act %q: expected one of %v", kind, ActKinds())
	}
	a, err := e.Store.CreateAct(ctx, move, kind, actor)
	if err == nil {
		_, err = e.insert(ctx, ActArgs{Move{ID: move}, a.ID})
	}
	return a, err
}

// How often what uploads have left behind is dropped, and how old it has to be.
const (
	orphansEvery = time.Hour
	orphansAfter = 24 * time.Hour
)

// dropOrphans drops what belongs to no move any more.
func (e *Engine) dropOrphans(ctx context.Context) error {
	e.mu.Lock()
	due := e.machine.Now().Sub(e.dropped) > orphansEvery
	if due {
		e.dropped = e.machine.Now()
	}
	e.mu.Unlock()
	if !due {
		return nil
	}
	pieces, err := e.Store.DropOrphans(ctx, e.Clock.Now().Add(-orphansAfter))
	if pieces > 0 {
		e.Log.Info("dropped what uploads have left behind", slog.Int64("pieces", pieces))
	}
	return err
}

// Sweep queues whatever has no job although its state calls for one: a job that was lost, or whose worker has died. It is
// called every few seconds on whichever engine leads; calling it at any time, anywhere, is harmless.
func (e *Engine) Sweep(ctx context.Context) error {
	moves, err := e.Store.Moves(ctx, store.MoveFilter{States: []store.State{store.Reviewing, store.Running, store.Canceling}})
	if err != nil {
		return err
	}
	failed := []error{e.dropOrphans(ctx)}
	for _, m := range moves {
		failed = append(failed, e.wake(ctx, m))
	}
	acts, err := e.Store.OpenActs(ctx)
	if err != nil {
		return errors.Join(append(failed, err)...)
	}
	for _, a := range acts {
		t := ActArgs{Move{ID: a.Move}, a.ID}
		works, err := e.Store.Works(ctx, t.work())
		if err == nil {
			err = e.ensure(ctx, t, works[t.work()])
		}
		failed = append(failed, err)
	}
	return errors.Join(failed...)
}
