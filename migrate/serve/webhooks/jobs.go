package webhooks

import (
	"context"
	"errors"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/subferry/subferry/migrate/serve/store"
)

// sweepEvery is how often events are looked for that no job applies: a job that was lost does not matter.
const sweepEvery = 15 * time.Second

// Insert queues a job, as jobs.Engine does.
type Insert func(ctx context.Context, args river.JobArgs, opts *river.InsertOpts) (*rivertype.JobInsertResult, error)

// ApplyArgs is the job that applies an account's events.
type ApplyArgs struct {
	Account  string `json:"account"`
	Livemode bool   `json:"livemode"`
}

// Kind implements river.JobArgs.
func (ApplyArgs) Kind() string { return "webhook" }

// InsertOpts implements river.JobArgsWithInsertOpts: one job waits for all events of some seconds. One whose worker has died
// is in nobody's way for longer than that.
func (ApplyArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{MaxAttempts: 3, UniqueOpts: river.UniqueOpts{ByArgs: true, ByPeriod: sweepEvery, ByState: []rivertype.JobState{
		rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning, rivertype.JobStateRetryable, rivertype.JobStateScheduled,
	}}}
}

// SweepArgs is the periodic job that looks for events which no job applies.
type SweepArgs struct{}

// Kind implements river.JobArgs.
func (SweepArgs) Kind() string { return "webhook_sweep" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (SweepArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByPeriod: sweepEvery}}
}

// Wake returns what Config.Wake needs.
func Wake(insert Insert) func(ctx context.Context, a store.EventAccount) error {
	return func(ctx context.Context, a store.EventAccount) error {
		_, err := insert(ctx, ApplyArgs{a.Account, a.Livemode}, nil)
		return err
	}
}

// Register adds the workers of this package's jobs. Insert is called only while they work.
func (p *Applier) Register(workers *river.Workers, insert Insert) {
	river.AddWorker(workers, &worker{applier: p})
	river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, _ *river.Job[SweepArgs]) error {
		waiting, err := p.Store.WaitingAccounts(ctx)
		for _, a := range waiting {
			err = errors.Join(err, Wake(insert)(ctx, a))
		}
		return err
	}))
}

// Periodic returns the periodic job that whichever engine leads is to queue.
func Periodic() *river.PeriodicJob {
	return river.NewPeriodicJob(river.PeriodicInterval(sweepEvery), func() (river.JobArgs, *river.InsertOpts) { return SweepArgs{}, nil }, nil)
}

// worker works on ApplyArgs.
type worker struct {
	river.WorkerDefaults[ApplyArgs]
	applier *Applier
}

// Timeout implements river.Worker: many events take long at an account's pace.
func (*worker) Timeout(*river.Job[ApplyArgs]) time.Duration { return -1 }

// Work implements river.Worker.
func (w *worker) Work(ctx context.Context, job *river.Job[ApplyArgs]) error {
	err := w.applier.Apply(ctx, store.EventAccount{Account: job.Args.Account, Livemode: job.Args.Livemode})
	if errors.Is(err, ErrHeld) { // who applies them takes these too, or the sweep finds them
		return nil
	}
	return err
}
