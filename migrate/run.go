package migrate

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"sync/atomic"
	"time"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/internal/workers"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/schedule"
	"github.com/subferry/subferry/validate"
)

// RunOptions says how far a run goes. The zero value schedules every ready row and ends when all were dealt with.
type RunOptions struct {
	Resume            string          // go on with this migration and no other; "" finds the unfinished one by itself
	Canary            int64           // schedule only so many rows, chosen to stand for all; 0 schedules all
	StopAfterFailures int64           // end the run after so many refused rows; 0 goes on
	Stop              <-chan struct{} // closed: finish what is in flight and begin nothing new; nil is never
}

// Run schedules every ready row of a reviewed file that its migration has not scheduled yet, and returns how the
// migration stands then. It goes on with an unfinished migration of the same file by itself.
//
// The error is ErrInterrupted when it was asked to stop, a *StripeError when Stripe cannot be reached or the key is
// not accepted, and one of this package's errors when the run was refused. Whatever it is, calling Run again goes on
// where this one ended. A cancelled context leaves requests in flight behind, which the next run looks up.
func (m *Migrator) Run(ctx context.Context, r *Review, o RunOptions) (*Summary, error) {
	// The rows were early enough when they were reviewed, and a run begins with most of their lead still left.
	lead := cmp.Or(r.Options.Lead, validate.LiveLead)
	if age := m.clock.Now().Sub(r.Now); age > min(lead/4, 2*time.Hour) || age < 0 {
		return nil, &StaleReviewError{File: r.Input.Name, At: r.Now}
	}
	mig, err := m.selectMigration(ctx, r, o)
	if err != nil {
		return nil, err
	}
	input, err := r.Input.pinned(r.Report.SHA256)
	if err != nil {
		return nil, err
	}
	mig, unlock, err := m.lockAndLoad(ctx, mig)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if mig.Status == ledger.StatusCanceling || mig.Status == ledger.StatusCanceled { // since the file was reviewed
		return nil, &BeingCanceledError{ID: mig.ID, Finished: mig.Status == ledger.StatusCanceled}
	}
	run := &run{op: m.newOperation(mig, o.Stop), review: r, input: input, options: o, pending: map[int64]ledger.Entry{}}
	if o.Canary > 0 {
		run.chosen = r.sample.choose(o.Canary)
	}
	failure := interruption(ctx, run.do(ctx))
	summary, err := Status(context.WithoutCancel(ctx), m.ledger, mig.ID, m.clock.Now())
	return summary, errors.Join(failure, err)
}

// run is one run of a migration.
type run struct {
	op         *operation
	review     *Review
	input      Input // the reviewed file, which must not change any more
	options    RunOptions
	settled    ledger.RowSet               // guarded by op.mu while rows are looked up
	pending    map[int64]ledger.Entry      // rows that were begun and are not settled
	chosen     map[int64]schedule.Strategy // the canary's rows; nil is all
	duplicates *accountDuplicates          // what else the account has; nil until it is searched
	scheduled  atomic.Bool                 // this run scheduled something
	unsettled  atomic.Int64                // rows whose outcome could not be found out
	left       atomic.Bool                 // rows were begun and not sent, because the user asked to stop
}

// do is the run, step by step: what exists, what was done, what is left to do. A run of more than a day searches the
// account again on its way.
func (r *run) do(ctx context.Context) error {
	if err := r.op.setStatus(ctx, ledger.StatusInProgress); err != nil {
		return err
	}
	for err := ErrSearchAgain; err != nil; {
		if err = r.search(ctx); err == nil {
			err = r.loadLedger(ctx)
		}
		if err == nil {
			err = r.reconcile(ctx)
		}
		if err == nil {
			err = r.createAll(ctx)
		}
		if err != nil && !errors.Is(err, ErrSearchAgain) {
			return err
		}
	}
	if r.chosen != nil && int64(len(r.chosen)) < r.review.Ready {
		return nil // a canary leaves the migration in progress
	}
	return r.complete(ctx)
}

// loadLedger reads from the ledger what was done before.
func (r *run) loadLedger(ctx context.Context) (err error) {
	if r.settled, err = r.op.ledger.Settled(ctx, r.op.migration.ID); err != nil {
		return err
	}
	clear(r.pending)
	r.unsettled.Store(0)
	due := r.review.Ready // so many rows are settled when this run has done all that it is to do
	if r.chosen != nil {
		due = r.settled.Len()
		for row := range r.chosen {
			if !r.settled.Has(row) {
				due++
			}
		}
	}
	r.op.counts.begin(due, r.settled.Len())
	r.op.m.report(r.op.counts)
	for e, err := range r.op.ledger.Entries(ctx, r.op.migration.ID, ledger.Intended, ledger.Unknown, ledger.Refused) {
		if err != nil {
			return err
		}
		r.pending[e.Row] = e
	}
	return nil
}

// reconcile looks up every row that was begun before, in the order of the file and before anything is sent: those of
// unknown outcome, and those that were refused, which a runner on another machine may have scheduled since.
func (r *run) reconcile(ctx context.Context) error {
	rows := slices.Sorted(maps.Keys(r.pending))
	pool := workers.New(r.op.m.workers, r.op.m.seed, r.op.stop, func(e ledger.Entry) error {
		until, done := r.op.untilStop(ctx)
		defer done()
		state, found, err := r.op.find(until, e)
		if err != nil || !found {
			return err
		}
		return r.recordFound(ctx, e, state)
	})
	for _, row := range rows {
		if pool.Submit(r.pending[row].Customer, r.pending[row]) != nil {
			break
		}
	}
	if err := pool.Wait(); err != nil { // what was not looked up must not count as not made
		return err
	}
	maps.DeleteFunc(r.pending, func(row int64, _ ledger.Entry) bool { return r.settled.Has(row) })
	return nil
}

// recordFound records a schedule, or a direct subscription, that exists already.
func (r *run) recordFound(ctx context.Context, e ledger.Entry, state made) error {
	if err := r.recordScheduled(ctx, &job{entry: e, from: e.State}, state); err != nil {
		return err
	}
	r.op.mu.Lock()
	defer r.op.mu.Unlock()
	r.settled.Add(e.Row)
	return nil
}

// createAll reads the file and creates what every ready row becomes that is not settled.
func (r *run) createAll(ctx context.Context) error {
	pool := workers.New(r.op.m.workers, r.op.m.seed, r.op.stop, func(j job) error { return r.create(ctx, j) })
	report, err := r.readRows(ctx, func(row *csvspec.Row, findings validate.Findings) error {
		j, ok := r.jobFor(row, findings)
		if !ok {
			return nil
		}
		return pool.Submit(j.entry.Customer, j)
	})
	failure := pool.Wait()
	switch {
	case failure != nil:
		return failure
	case r.left.Load():
		return ErrInterrupted
	case err == nil && report.SHA256 != r.review.Report.SHA256:
		return ErrChanged
	}
	return err
}

// readRows reads the file as the review did, and shows each row with what the review has found in it.
func (r *run) readRows(ctx context.Context, visit func(*csvspec.Row, validate.Findings) error) (*validate.Report, error) {
	report, _, err := r.input.read(ctx, r.review.Options.Validation(r.review.Now, r.review.AccountData), r.review.late, visit)
	return report, err
}

// CodeLeftOut is the error code of a row that was begun, was found not to exist, and is not ready to be sent any more.
const CodeLeftOut = "left_out"

// complete records that every row was dealt with, as of the moment at which the last one was scheduled, by this run or
// an earlier one: then begins the window in which the migration can be canceled. A run that schedules nothing does not
// move it.
//
// All ready rows are settled by now. Rows that an earlier run began, and that this one has looked up in vain and not
// sent, are left out by its review.
func (r *run) complete(ctx context.Context) error {
	if n := r.unsettled.Load(); n > 0 {
		return &UnsettledError{Rows: n}
	}
	states := []ledger.State{ledger.Intended, ledger.Unknown}
	if !r.scheduled.Load() {
		states = append(states, ledger.Scheduled)
	}
	var leftOut []ledger.Entry
	last := csvspec.Timestamp(0)
	for e, err := range r.op.ledger.Entries(ctx, r.op.migration.ID, states...) {
		switch {
		case err != nil:
			return err
		case e.State == ledger.Scheduled:
			last = max(last, e.UpdatedAt)
		default:
			leftOut = append(leftOut, e)
		}
	}
	for _, e := range leftOut {
		failure := &StripeError{Outcome: Refused, Code: CodeLeftOut, Message: "not sent: when the run went on, the row was not " +
			"ready any more, because its start date has come too close or it has errors now; nothing was created for it before"}
		if err := r.recordRefused(ctx, &job{entry: e, from: e.State}, failure); err != nil {
			return err
		}
	}
	if last == 0 {
		last = csvspec.At(r.op.m.clock.Now())
	}
	return r.op.ledger.SetStatus(ctx, r.op.migration.ID, ledger.StatusScheduled, last)
}
