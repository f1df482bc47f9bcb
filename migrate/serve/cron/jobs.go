package cron

import (
	"context"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/subferry/subferry/csvspec"
)

// Insert queues a job, as jobs.Engine does.
type Insert func(ctx context.Context, args river.JobArgs, opts *river.InsertOpts) (*rivertype.JobInsertResult, error)

// TickArgs is the periodic job that looks for what is due.
type TickArgs struct{}

// Kind implements river.JobArgs.
func (TickArgs) Kind() string { return "schedule_tick" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (TickArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByPeriod: Every}}
}

// RunArgs is the job that runs a schedule's command for one moment.
type RunArgs struct {
	Schedule string            `json:"schedule"`
	Moment   csvspec.Timestamp `json:"moment"`
}

// Kind implements river.JobArgs.
func (RunArgs) Kind() string { return "schedule_run" }

// InsertOpts implements river.JobArgsWithInsertOpts. That a job is queued twice does not matter, see RunDue.
func (RunArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{MaxAttempts: 3, UniqueOpts: river.UniqueOpts{ByArgs: true}}
}

// Enqueue returns what Config.Enqueue needs.
func Enqueue(insert Insert) func(ctx context.Context, schedule string, moment csvspec.Timestamp) error {
	return func(ctx context.Context, schedule string, moment csvspec.Timestamp) error {
		_, err := insert(ctx, RunArgs{schedule, moment}, nil)
		return err
	}
}

// Register adds the workers of this package's jobs.
func (t *Ticker) Register(workers *river.Workers) {
	river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, _ *river.Job[TickArgs]) error { return t.Tick(ctx) }))
	river.AddWorker(workers, &worker{ticker: t})
}

// Periodic returns the periodic job that whichever engine leads is to queue.
func Periodic() *river.PeriodicJob {
	return river.NewPeriodicJob(river.PeriodicInterval(Every), func() (river.JobArgs, *river.InsertOpts) { return TickArgs{}, nil }, &river.PeriodicJobOpts{RunOnStart: true})
}

// worker works on RunArgs.
type worker struct {
	river.WorkerDefaults[RunArgs]
	ticker *Ticker
}

// Timeout implements river.Worker: a command takes as long as it takes.
func (*worker) Timeout(*river.Job[RunArgs]) time.Duration { return -1 }

// Work implements river.Worker.
func (w *worker) Work(ctx context.Context, job *river.Job[RunArgs]) error {
	return w.ticker.RunDue(ctx, job.Args.Schedule, job.Args.Moment)
}
