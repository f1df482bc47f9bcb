package migrate

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/ledger"
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
	if age := m.clock.Now().Sub(r.Now); age > r.Options.reviewLife() || age < 0 {
		return nil, &StaleReviewError{File: r.Input.Name, At: r.Now}
	}
	mig, err := m.choose(ctx, r, o)
	if err != nil {
		return nil, err
	}
	if sha, err := r.Input.SHA256(); err != nil {
		return nil, err
	} else if sha != r.Report.SHA256 {
		return nil, ErrChanged
	}
	mig, release, err := m.claim(ctx, mig)
	if err != nil {
		return nil, err
	}
	defer release()
	if err := notCanceled(mig); err != nil {
		return nil, err
	}
	run := m.newRun(mig, r, o)
	failure := interruption(ctx, run.do(ctx))
	summary, err := Status(context.WithoutCancel(ctx), m.ledger, mig.ID, m.clock.Now())
	return summary, errors.Join(failure, err)
}

// interruption returns ErrInterrupted in place of whatever a stop, or the end of the context, has made fail.
func interruption(ctx context.Context, err error) error {
	if err != nil && (ctx.Err() != nil || errors.Is(err, ErrInterrupted)) {
		return ErrInterrupted
	}
	return err
}

// run is one run of a migration.
type run struct {
	sender
	migration ledger.Migration
	review    *Review
	options   RunOptions
	mu        sync.Mutex // guards settled while rows are looked up
	settled   ledger.RowSet
	pending   map[int64]ledger.Entry // rows that were begun and are not settled
	chosen    map[int64]bool         // the canary's rows; nil is all
	others    *others                // what else the account has; nil until it is searched
	scheduled atomic.Bool            // this run scheduled something
	unsettled atomic.Int64           // rows whose outcome could not be found out
	left      atomic.Bool            // rows were begun and not sent, because the user asked to stop
}

func (m *Migrator) newRun(mig ledger.Migration, r *Review, o RunOptions) *run {
	run := &run{
		sender:    sender{Migrator: m, counts: &counters{}, stop: o.Stop},
		migration: mig, review: r, options: o, pending: map[int64]ledger.Entry{},
	}
	if o.Canary > 0 {
		run.chosen = r.sample.choose(o.Canary)
	}
	return run
}

// do is the run, step by step. A run of more than a day searches the account again on its way.
func (r *run) do(ctx context.Context) error {
	if err := r.status(ctx, ledger.StatusInProgress); err != nil {
		return err
	}
	err := errSearchAgain
	for errors.Is(err, errSearchAgain) {
		err = r.pass(ctx)
	}
	if err != nil {
		return err
	}
	if r.chosen != nil && int64(len(r.chosen)) < r.review.Ready {
		return nil // a canary leaves the migration in progress
	}
	return r.complete(ctx)
}

// pass goes through the file once: what exists, what was done, what is left to do.
func (r *run) pass(ctx context.Context) error {
	if err := r.search(ctx); err != nil {
		return err
	}
	if err := r.recall(ctx); err != nil {
		return err
	}
	if err := r.resolve(ctx); err != nil {
		return err
	}
	return r.schedule(ctx)
}

func (r *run) status(ctx context.Context, s ledger.Status) error {
	return r.ledger.SetStatus(ctx, r.migration.ID, s, csvspec.At(r.clock.Now()))
}

// recall reads from the ledger what was done before.
func (r *run) recall(ctx context.Context) (err error) {
	if r.settled, err = r.ledger.Settled(ctx, r.migration.ID); err != nil {
		return err
	}
	clear(r.pending)
	r.unsettled.Store(0)
	r.counts.begin(r.due(), r.settled.Len())
	r.tell(r.counts)
	for e, err := range r.ledger.Entries(ctx, r.migration.ID, ledger.Intended, ledger.Unknown, ledger.Refused) {
		if err != nil {
			return err
		}
		r.pending[e.Row] = e
	}
	return nil
}

// due returns how many rows are settled when this run has done all that it is to do.
func (r *run) due() int64 {
	if r.chosen == nil {
		return r.review.Ready
	}
	due := r.settled.Len()
	for row := range r.chosen {
		if !r.settled.Has(row) {
			due++
		}
	}
	return due
}

// schedule reads the file and schedules every ready row that is not settled.
func (r *run) schedule(ctx context.Context) error {
	crew := newCrew(r.workers, r.seed, r.stop, func(j job) error { return r.deal(ctx, j) })
	report, err := r.review.Input.validated(ctx, r.review.Options.Validation(r.review.Now, r.review.AccountData),
		func(row *csvspec.Row, findings []validate.Finding) error {
			j, ok := r.job(row, findings)
			if !ok {
				return nil
			}
			return crew.give(j.entry.Customer, j)
		})
	failure := crew.finish()
	switch {
	case failure == nil && (crew.left.Load() || r.left.Load()):
		return ErrInterrupted
	case failure != nil:
		return failure
	case err == nil && report.SHA256 != r.review.Report.SHA256:
		return ErrChanged
	}
	return err
}
