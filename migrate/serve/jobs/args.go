package jobs

import (
	"fmt"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/subferry/subferry/migrate/serve/store"
)

// task is the arguments of a job about a move. Two jobs with the same ones are never queued at once.
type task interface {
	river.JobArgs
	of() (move string, attempt int64)
	work() string          // what is done, whichever attempt at it this is
	at(attempt int64) task // the same for another attempt
	queue() string
	wanted(now store.Standing) bool // whether the move still calls for it
}

// Move names the move that a job is about, and the attempt at its work, which is counted when a worker has died.
type Move struct {
	ID      string `json:"move"`
	Attempt int64  `json:"attempt"`
}

func (m Move) of() (string, int64) { return m.ID, m.Attempt }

// ReviewArgs is a job that reads a file and says what a run would do.
type ReviewArgs struct{ Move }

// Kind implements river.JobArgs.
func (ReviewArgs) Kind() string                   { return "review" }
func (a ReviewArgs) work() string                 { return a.ID + "/review" }
func (a ReviewArgs) at(n int64) task              { a.Attempt = n; return a }
func (ReviewArgs) queue() string                  { return queueFiles }
func (ReviewArgs) wanted(now store.Standing) bool { return now.State == store.Reviewing }

// SplitArgs is a job that divides a file into shards.
type SplitArgs struct{ Move }

// Kind implements river.JobArgs.
func (SplitArgs) Kind() string                   { return "split" }
func (a SplitArgs) work() string                 { return a.ID + "/split" }
func (a SplitArgs) at(n int64) task              { a.Attempt = n; return a }
func (SplitArgs) queue() string                  { return queueFiles }
func (SplitArgs) wanted(now store.Standing) bool { return now.State == store.Running && !now.Stop }

// ShardArgs is a job that creates what the rows of a shard become.
type ShardArgs struct {
	Move
	Round  int64 `json:"round"`
	Number int64 `json:"number"`
}

// Kind implements river.JobArgs.
func (ShardArgs) Kind() string      { return "shard" }
func (a ShardArgs) work() string    { return shardsOf(a.ID, a.Round) + fmt.Sprint(a.Number) }
func (a ShardArgs) at(n int64) task { a.Attempt = n; return a }
func (ShardArgs) queue() string     { return queueShards }
func (a ShardArgs) wanted(now store.Standing) bool {
	return now.State == store.Running && !now.Stop && now.Round == a.Round
}

func shardsOf(move string, round int64) string { return fmt.Sprintf("%s/shards/%d/", move, round) }

// FinishArgs is a job that finishes a migration whose shards were all run.
type FinishArgs struct {
	Move
	Round int64 `json:"round"`
}

// Kind implements river.JobArgs.
func (FinishArgs) Kind() string      { return "finish" }
func (a FinishArgs) work() string    { return fmt.Sprintf("%s/finish/%d", a.ID, a.Round) }
func (a FinishArgs) at(n int64) task { a.Attempt = n; return a }
func (FinishArgs) queue() string     { return queueAccount }
func (a FinishArgs) wanted(now store.Standing) bool {
	return now.State == store.Running && !now.Stop && now.Round == a.Round
}

// CancelArgs is a job that cancels a migration.
type CancelArgs struct{ Move }

// Kind implements river.JobArgs.
func (CancelArgs) Kind() string                   { return "cancel" }
func (a CancelArgs) work() string                 { return a.ID + "/cancel" }
func (a CancelArgs) at(n int64) task              { a.Attempt = n; return a }
func (CancelArgs) queue() string                  { return queueAccount }
func (CancelArgs) wanted(now store.Standing) bool { return now.State == store.Canceling }

// ActArgs is a job that does what somebody has asked for and that changes nothing.
type ActArgs struct {
	Move
	Act string `json:"act"`
}

// Kind implements river.JobArgs.
func (ActArgs) Kind() string               { return "act" }
func (a ActArgs) work() string             { return a.ID + "/act/" + a.Act }
func (a ActArgs) at(n int64) task          { a.Attempt = n; return a }
func (ActArgs) queue() string              { return queueAccount }
func (ActArgs) wanted(store.Standing) bool { return true }

// SweepArgs is the periodic job that queues what was lost.
type SweepArgs struct{}

// Kind implements river.JobArgs.
func (SweepArgs) Kind() string { return "sweep" }

// InsertOpts implements river.JobArgsWithInsertOpts. A sweep whose process was killed stays "running" until River rescues it,
// and must not keep the next ones from being queued.
func (SweepArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueAccount, MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByPeriod: sweepEvery}}
}

// once keeps a job from being queued a second time before it has ended.
func once() river.UniqueOpts {
	return river.UniqueOpts{ByArgs: true, ByState: []rivertype.JobState{
		rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning, rivertype.JobStateRetryable, rivertype.JobStateScheduled,
	}}
}
