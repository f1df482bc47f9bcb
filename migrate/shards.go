package migrate

import (
	"context"
	"errors"
	"fmt"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/schedule"
	"github.com/subferry/subferry/validate"
)

// Shard is a part of a migration: rows of its file that a run would still create, planned already, so that whoever has it
// needs neither the file nor the account's data. It is written and read as JSON.
type Shard struct {
	Migration string `json:"migration"`

	// Number is the place of the shard in the file: shards of the same size and number have rows of the same part of it,
	// whenever the file was split.
	Number int `json:"number"`

	First      int64             `json:"first"` // the first and the last row, data rows of the file from 1
	Last       int64             `json:"last"`
	SearchedAt csvspec.Timestamp `json:"searched_at"` // when the account was searched for what the rows may have become elsewhere
	Rows       []ShardRow        `json:"rows"`        // in the order of the file
}

// ShardRow is one row of a Shard, and what it becomes.
type ShardRow struct {
	Row      int64             `json:"row"` // data row of the file, from 1
	Line     int64             `json:"line"`
	Customer string            `json:"customer"`
	SourceID string            `json:"source_id,omitempty"` // the subscription's ID in the system it comes from
	Start    csvspec.Timestamp `json:"start"`
	Strategy schedule.Strategy `json:"strategy"`

	// What is sent, with the tag of the row: one of the two.
	Schedule     *schedule.Schedule     `json:"schedule,omitempty"`
	Subscription *schedule.Subscription `json:"subscription,omitempty"`

	CreatableFrom csvspec.Timestamp `json:"creatable_from,omitempty"` // before this moment Stripe does not take the Subscription
}

// ShardResult is how the rows of a shard stand by the ledger.
type ShardResult struct {
	Done      int64 `json:"done"`      // nothing is left to do for them
	Failed    int64 `json:"failed"`    // refused
	Unsettled int64 `json:"unsettled"` // begun, and their outcome is not known; or not begun
}

// Split selects the migration of a reviewed file as Run does, with its errors, and hands out shards of the rows that Run
// would create, at most size rows each and in their order, while it reads the file. An error of emit ends it and is
// returned. What an earlier run has begun of rows that are not ready any more is settled.
//
// It holds the migration's lock, so that a shard can be run once Split has returned. A migration whose shards were all run,
// or that has none left, is to be finished with Finish, unless it was split for a canary. Splitting again is harmless, and
// hands out what is not settled, refused rows included.
func (m *Migrator) Split(ctx context.Context, r *Review, o RunOptions, size int, emit func(Shard) error) (ledger.Migration, error) {
	if size < 1 {
		return ledger.Migration{}, fmt.Errorf("a shard has at least one row, not %d", size)
	}
	run, unlock, err := m.begin(ctx, r, o)
	if err != nil {
		return ledger.Migration{}, err
	}
	defer unlock()
	err = run.search(ctx)
	if err == nil {
		err = run.loadLedger(ctx)
	}
	if err == nil {
		err = run.split(ctx, int64(size), emit)
	}
	if err == nil && run.chosen == nil {
		if err = run.reconcile(ctx); err == nil {
			err = run.leaveOut(ctx)
		}
	}
	mig, failure := m.ledger.Migration(context.WithoutCancel(ctx), run.op.migration.ID)
	return mig, errors.Join(interruption(ctx, err), failure)
}

// split reads the file and hands out what createAll would create. Shards end at the same rows each time.
func (r *run) split(ctx context.Context, size int64, emit func(Shard) error) error {
	shard := Shard{Migration: r.op.migration.ID, SearchedAt: r.op.migration.SearchedAt}
	handOut := func() error {
		if len(shard.Rows) == 0 {
			return nil
		}
		full := shard
		full.First, full.Last = full.Rows[0].Row, full.Rows[len(full.Rows)-1].Row
		shard.Rows = nil
		return emit(full)
	}
	report, err := r.readRows(ctx, func(row *csvspec.Row, findings validate.Findings) error {
		if r.op.stopping() {
			return ErrInterrupted
		}
		todo, ok := r.planned(row, findings)
		if !ok {
			return nil
		}
		if number := int((todo.Row - 1) / size); number != shard.Number {
			if err := handOut(); err != nil {
				return err
			}
			shard.Number = number
		}
		delete(r.pending, todo.Row)
		shard.Rows = append(shard.Rows, todo)
		return nil
	})
	if err == nil && report.SHA256 != r.review.Report.SHA256 {
		err = ErrChanged
	}
	if err != nil {
		return err
	}
	return handOut()
}

// RunShard creates what the rows of a shard become, as Run does, and returns how they stand then. It works beside others
// who run other shards of the migration. A shard that is run twice, also at the same time, is harmless; one of a migration
// that is finished is left as it is.
//
// The error is ErrSearchAgain when the search of the account is too old to rely on: the file has to be split again. It is
// ledger.ErrLocked while somebody else works on the shard, or on the migration as a whole; *BeingCanceledError when the
// migration was canceled; *WrongAccountError when the key is another account's; and those of Run. Of the options, Stop and
// StopAfterFailures count.
func (m *Migrator) RunShard(ctx context.Context, s Shard, o RunOptions) (ShardResult, error) {
	unlock, err := m.ledger.LockShard(s.Migration, s.Number)
	if err != nil {
		return ShardResult{}, fmt.Errorf("%w: shard %d of it has to wait", err, s.Number)
	}
	defer unlock()
	mig, err := m.ledger.Migration(ctx, s.Migration)
	if err == nil {
		err = notCanceled(mig)
	}
	if err == nil {
		err = m.checkAccount(ctx, mig, o.Stop)
	}
	if err != nil {
		return ShardResult{}, interruption(ctx, err)
	}
	var failure error
	if mig.Status == ledger.StatusInProgress {
		mig.SearchedAt = s.SearchedAt // what was found then is not in the shard
		failure = interruption(ctx, newCreation(m.newOperation(mig, o.Stop), o).runShard(ctx, s))
	}
	result, err := m.shardResult(context.WithoutCancel(ctx), s)
	return result, errors.Join(failure, err)
}

// runShard looks up what was begun of a shard, and creates the rest.
func (c *creation) runShard(ctx context.Context, s Shard) error {
	rows := map[int64]bool{}
	for _, row := range s.Rows {
		rows[row.Row] = true
	}
	for e, err := range c.op.ledger.Range(ctx, s.Migration, s.First, s.Last) {
		if err != nil {
			return err
		}
		if rows[e.Row] {
			c.note(e)
		}
	}
	c.op.counts.begin(int64(len(s.Rows)), c.settled.Len())
	c.op.m.report(c.op.counts)
	if err := c.reconcile(ctx); err != nil {
		return err
	}
	pool := c.pool(ctx)
	for _, row := range s.Rows {
		if c.settled.Has(row.Row) {
			continue
		}
		if pool.Submit(row.Customer, c.jobFor(row)) != nil {
			break
		}
	}
	if err := pool.Wait(); err != nil {
		return err
	}
	if c.left.Load() {
		return ErrInterrupted
	}
	return nil
}

// shardResult reads from the ledger how the rows of a shard stand.
func (m *Migrator) shardResult(ctx context.Context, s Shard) (result ShardResult, err error) {
	states := map[int64]ledger.State{}
	for e, err := range m.ledger.Range(ctx, s.Migration, s.First, s.Last) {
		if err != nil {
			return result, err
		}
		states[e.Row] = e.State
	}
	for _, row := range s.Rows {
		switch state := states[row.Row]; {
		case state.Settled():
			result.Done++
		case state == ledger.Refused:
			result.Failed++
		default:
			result.Unsettled++
		}
	}
	return result, nil
}

// Finish records that every row of a migration was dealt with, after all of its shards were run, and returns how it stands
// then. Finishing again is harmless. It returns *UnsettledError when the outcome of some rows is not known, ledger.ErrLocked
// while somebody works on the migration or one of its shards, and *BeingCanceledError when it was canceled.
func (m *Migrator) Finish(ctx context.Context, id string) (*Summary, error) {
	mig, err := m.ledger.Migration(ctx, id)
	if err != nil {
		return nil, err
	}
	mig, unlock, err := m.lockAndLoad(ctx, mig)
	if err != nil {
		return nil, err
	}
	defer unlock()
	failure := notCanceled(mig)
	if failure == nil && mig.Status == ledger.StatusInProgress {
		failure = m.newOperation(mig, nil).complete(ctx)
	}
	summary, err := Status(context.WithoutCancel(ctx), m.ledger, id, m.clock.Now())
	return summary, errors.Join(failure, err)
}
