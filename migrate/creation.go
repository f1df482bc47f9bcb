package migrate

import (
	"context"
	"maps"
	"slices"
	"sync/atomic"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/internal/workers"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/schedule"
	"github.com/subferry/subferry/validate"
)

// creation is what a run of a file and one of a shard have in common: rows are made what they become.
type creation struct {
	op                *operation
	stopAfterFailures int64                  // see RunOptions
	settled           ledger.RowSet          // guarded by op.mu while rows are looked up
	pending           map[int64]ledger.Entry // rows that were begun, are not settled, and were not handed on to be created
	left              atomic.Bool            // rows were begun and not sent, because the user asked to stop
}

func newCreation(op *operation, o RunOptions) *creation {
	return &creation{op: op, stopAfterFailures: o.StopAfterFailures, pending: map[int64]ledger.Entry{}}
}

// newShardRow returns a row of a file with what it becomes.
func newShardRow(row *csvspec.Row, planned schedule.Planned, migration string) ShardRow {
	r := ShardRow{
		Row: int64(row.Source.Row), Line: int64(row.Source.Line), Customer: row.Customer, SourceID: validate.SourceID(row.Metadata),
		Start: row.StartDate, Strategy: planned.Strategy, CreatableFrom: planned.CreatableFrom(),
	}
	tagged := planned.Tagged(schedule.Tag{Migration: migration, Row: r.Row})
	if r.Subscription = tagged.Subscription; r.Subscription == nil {
		r.Schedule = &tagged.Schedule
	}
	return r
}

// entry returns the ledger's record of a row to which nothing has happened yet.
func (r *ShardRow) entry() ledger.Entry {
	return ledger.Entry{
		Row: r.Row, Line: r.Line, Customer: r.Customer, SourceID: r.SourceID, Start: r.Start, Strategy: string(r.Strategy),
	}
}

// jobFor hands a row on to be created. It is not pending any more.
func (c *creation) jobFor(row ShardRow) job {
	j := job{entry: row.entry(), row: row}
	if before, ok := c.pending[row.Row]; ok {
		j.from = before.State
		j.entry.Attempt, j.entry.Key, j.entry.IntendedAt = before.Attempt, before.Key, before.IntendedAt
		delete(c.pending, row.Row)
	}
	return j
}

// pool returns the workers that create what rows become.
func (c *creation) pool(ctx context.Context) *workers.Pool[job] {
	return workers.New(c.op.m.workers, c.op.m.seed, c.op.stop, func(j job) error {
		return c.op.forCustomer(ctx, c.op.migration.Account, j.entry.Customer, func() error { return c.create(ctx, j) })
	})
}

// note takes what the ledger has of a row.
func (c *creation) note(e ledger.Entry) {
	if e.State.Settled() {
		c.settled.Add(e.Row)
	} else {
		c.pending[e.Row] = e
	}
}

// reconcile looks up every row that was begun before, in the order of the file and before anything is sent: those of
// unknown outcome, and those that were refused, which a runner on another machine may have scheduled since.
func (c *creation) reconcile(ctx context.Context) error {
	rows := slices.Sorted(maps.Keys(c.pending))
	pool := workers.New(c.op.m.workers, c.op.m.seed, c.op.stop, func(e ledger.Entry) error {
		until, done := c.op.untilStop(ctx)
		defer done()
		state, found, err := c.op.find(until, e)
		if err != nil || !found {
			return err
		}
		return c.recordFound(ctx, e, state)
	})
	for _, row := range rows {
		if pool.Submit(c.pending[row].Customer, c.pending[row]) != nil {
			break
		}
	}
	if err := pool.Wait(); err != nil { // what was not looked up must not count as not made
		return err
	}
	maps.DeleteFunc(c.pending, func(row int64, _ ledger.Entry) bool { return c.settled.Has(row) })
	return nil
}

// recordFound records a schedule, or a direct subscription, that exists already.
func (c *creation) recordFound(ctx context.Context, e ledger.Entry, state made) error {
	if err := c.recordScheduled(ctx, &job{entry: e, from: e.State}, state); err != nil {
		return err
	}
	c.op.mu.Lock()
	defer c.op.mu.Unlock()
	c.settled.Add(e.Row)
	return nil
}

// CodeLeftOut is the error code of a row that was begun, was found not to exist, and is not ready to be sent any more.
const CodeLeftOut = "left_out"

// leaveOut settles the rows that an earlier run has begun, that were looked up in vain, and that are left out by the review
// of this one.
func (c *creation) leaveOut(ctx context.Context) error {
	for _, row := range slices.Sorted(maps.Keys(c.pending)) {
		e := c.pending[row]
		if !e.State.Open() {
			continue
		}
		failure := &StripeError{Outcome: Refused, Code: CodeLeftOut, Message: "not sent: when the run went on, the row was not " +
			"ready any more, because its start date has come too close or it has errors now; nothing was created for it before"}
		if err := c.recordRefused(ctx, &job{entry: e, from: e.State}, failure); err != nil {
			return err
		}
	}
	return nil
}
