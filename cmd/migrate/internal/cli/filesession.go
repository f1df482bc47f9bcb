package cli

import (
	"context"
	"errors"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/plan"
)

// fileSession is one run of a file, begun by run or gone on with by resume.
type fileSession struct {
	*session
	input          migrate.Input
	options        migrate.Options
	runOptions     migrate.RunOptions
	provisions     bool             // the sandbox is to be given what the file names
	resumedAccount *migrate.Account // whose migration is resumed; nil for a run
	plan           *plan.Plan       // that is applied; nil for a run of a file
	planFile       string           // where it was read from
	sandboxData    string           // the account file of the embedded sandbox; "" is none
	rehearses      bool             // in a sandbox of its own
	customerCheck  string           // the flag that says whether customers are looked up; "" when it was not said
}

// run reviews, asks and runs.
func (w *fileSession) run(ctx context.Context) error {
	review, err := w.confirmedReview(ctx)
	if err != nil {
		return err
	}
	summary, failure := w.scheduled(ctx, review)
	if summary == nil {
		return failure
	}
	held := deferredFile{}
	if review.Report.Deferred > 0 {
		held, err = w.writeDeferred(context.WithoutCancel(ctx), summary.ID)
		failure = joined(failure, err)
	}
	if held.rows > 0 {
		summary.Deferred, summary.DeferredFile = int64(held.rows), held.file
	}
	return w.printOutcome(&outcome{Summary: summary, Ready: review.Ready, Invalid: review.Report.Invalid}, failure)
}

// scheduled runs the file with progress on the screen.
func (w *fileSession) scheduled(ctx context.Context, r *migrate.Review) (*migrate.Summary, error) {
	ctx, stop, release := w.stoppable(ctx)
	defer release()
	defer w.progress.start("Scheduling")()
	o := w.runOptions
	o.Stop = stop
	summary, err := w.migrator.Run(ctx, r, o)
	if as[*migrate.AlreadyScheduledError](err) {
		err = &withSuggestions{err, w.scheduledSuggestions()}
	}
	return summary, err
}

// confirmedReview returns the review of a file that may be run and whose run was confirmed.
func (w *fileSession) confirmedReview(ctx context.Context) (*migrate.Review, error) {
	ctx, release := w.abortable(ctx)
	defer release()
	review, err := w.validatedReview(ctx)
	if err != nil {
		return nil, err
	}
	choice, err := w.selectMigration(ctx, review)
	if err != nil {
		return nil, err
	}
	if err := w.showReview(ctx, review, choice); err != nil {
		return nil, err
	}
	return review, w.confirm(ctx, review.Account.ID, "Start")
}

// validatedReview returns the review of a file without errors, or of one whose errors may be left out; otherwise it shows them.
func (w *fileSession) validatedReview(ctx context.Context) (*migrate.Review, error) {
	if w.provisions {
		if err := w.provision(ctx, w.input, w.options); err != nil {
			return nil, err
		}
	}
	review, err := w.review(ctx)
	if err == nil && hasErrors(review.Report) {
		err = &migrate.InvalidFileError{Report: review.Report, Findings: review.Findings}
	}
	var invalid *migrate.InvalidFileError
	if errors.As(err, &invalid) && !isStale(err) {
		return nil, w.refuseFile(invalid)
	}
	if err != nil {
		return nil, err
	}
	return review, nil
}

// review asks the account, and compares it with the plan when one is applied.
func (w *fileSession) review(ctx context.Context) (*migrate.Review, error) {
	if w.plan == nil {
		return w.migrator.Review(ctx, w.input, w.options)
	}
	return w.applyPlan(ctx)
}

// joined is errors.Join that leaves a single error as it is.
func joined(first, second error) error {
	if second == nil {
		return first
	}
	return errors.Join(first, second)
}
