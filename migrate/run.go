package migrate

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/subferry/subferry/csvspec"
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
	run, unlock, err := m.begin(ctx, r, o)
	if err != nil {
		return nil, err
	}
	defer unlock()
	failure := interruption(ctx, run.do(ctx))
	summary, err := Status(context.WithoutCancel(ctx), m.ledger, run.op.migration.ID, m.clock.Now())
	return summary, errors.Join(failure, err)
}

// run is one run of a migration's file, or one splitting of it.
type run struct {
	*creation
	review     *Review
	input      Input                       // the reviewed file, which must not change any more
	chosen     map[int64]schedule.Strategy // the canary's rows; nil is all
	duplicates *accountDuplicates          // what else the account has; nil until it is searched
}

// begin selects the migration that a run of a reviewed file belongs to, takes its lock and records that it is in progress.
func (m *Migrator) begin(ctx context.Context, r *Review, o RunOptions) (begun *run, unlock func(), err error) {
	// The rows were early enough when they were reviewed, and a run begins with most of their lead still left.
	lead := cmp.Or(r.Options.Lead, validate.LiveLead)
	if age := m.clock.Now().Sub(r.Now); age > min(lead/4, 2*time.Hour) || age < 0 {
		return nil, nil, &StaleReviewError{File: r.Input.Name, At: r.Now}
	}
	mig, err := m.selectMigration(ctx, r, o)
	if err != nil {
		return nil, nil, err
	}
	input, err := r.Input.pinned(r.Report.SHA256)
	if err != nil {
		return nil, nil, err
	}
	selected := mig
	mig, unlock, err = m.lockAndLoad(ctx, mig)
	if err != nil {
		return nil, nil, err
	}
	err = notCanceled(mig) // since the file was reviewed
	if err == nil {
		err = r.sameRun(selected, mig)
	}
	begun = &run{creation: newCreation(m.newOperation(mig, o.Stop), o), review: r, input: input}
	if err == nil {
		err = begun.op.setStatus(ctx, ledger.StatusInProgress)
	}
	if err != nil {
		unlock()
		return nil, nil, err
	}
	if o.Canary > 0 {
		begun.chosen = r.sample.choose(o.Canary)
	}
	return begun, unlock, nil
}

// notCanceled returns an error when a migration was canceled, or is being canceled.
func notCanceled(mig ledger.Migration) error {
	if mig.Status == ledger.StatusCanceling || mig.Status == ledger.StatusCanceled {
		return &BeingCanceledError{ID: mig.ID, Finished: mig.Status == ledger.StatusCanceled}
	}
	return nil
}

// do is the run, step by step: what exists, what was done, what is left to do. A run of more than a day searches the
// account again on its way.
func (r *run) do(ctx context.Context) error {
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
	if err := r.leaveOut(ctx); err != nil {
		return err
	}
	return r.op.complete(ctx)
}

// loadLedger reads from the ledger what was done before.
func (r *run) loadLedger(ctx context.Context) (err error) {
	if r.settled, err = r.op.ledger.Settled(ctx, r.op.migration.ID); err != nil {
		return err
	}
	clear(r.pending)
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
		r.note(e)
	}
	return nil
}

// createAll reads the file and creates what every ready row becomes that is not settled.
func (r *run) createAll(ctx context.Context) error {
	pool := r.pool(ctx)
	report, err := r.readRows(ctx, func(row *csvspec.Row, findings validate.Findings) error {
		todo, ok := r.planned(row, findings)
		if !ok {
			return nil
		}
		return pool.Submit(todo.Customer, r.jobFor(todo))
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

// complete records that every row was dealt with, as of the moment at which the last one was scheduled, by whomever: then
// begins the window in which the migration can be canceled. Whoever schedules nothing does not move it.
func (o *operation) complete(ctx context.Context) error {
	counts, err := o.ledger.Counts(ctx, o.migration.ID, 0)
	if err != nil {
		return err
	}
	if n := counts.ByState[ledger.Intended] + counts.ByState[ledger.Unknown]; n > 0 {
		return &UnsettledError{Rows: n}
	}
	last, err := o.ledger.Latest(ctx, o.migration.ID, ledger.Scheduled)
	if err != nil {
		return err
	}
	return o.ledger.SetStatus(ctx, o.migration.ID, ledger.StatusScheduled, cmp.Or(last, csvspec.At(o.m.clock.Now())))
}
