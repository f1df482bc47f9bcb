package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/plan"
)

// work is one run of a file, begun by run or gone on with by resume.
type work struct {
	*session
	input      migrate.Input
	options    migrate.Options
	run        migrate.RunOptions
	provisions bool             // the sandbox is to be given what the file names
	account    *migrate.Account // whose migration is resumed; nil for a run
	plan       *plan.Plan       // that is applied; nil for a run of a file
	planFile   string           // where it was read from
}

// do reviews, asks and runs.
func (w *work) do(ctx context.Context) error {
	review, err := w.reviewed(ctx)
	if err != nil {
		return err
	}
	summary, failure := w.scheduled(ctx, review)
	if summary == nil {
		return failure
	}
	held := heldBack{}
	if review.Report.Deferred > 0 {
		held, err = w.holdBack(context.WithoutCancel(ctx), summary.ID)
		failure = joined(failure, err)
	}
	return w.told(&outcome{Summary: summary, Ready: review.Ready, Deferred: held.rows, Invalid: review.Report.Invalid,
		DeferredFile: held.file}, failure)
}

// scheduled runs the file with progress on the screen.
func (w *work) scheduled(ctx context.Context, r *migrate.Review) (*migrate.Summary, error) {
	ctx, stop, release := w.stoppable(ctx)
	defer release()
	defer w.meter.start("Scheduling")()
	o := w.run
	o.Stop = stop
	return w.migrator.Run(ctx, r, o)
}

// reviewed returns the review of a file that may be run and whose run was confirmed.
func (w *work) reviewed(ctx context.Context) (*migrate.Review, error) {
	ctx, release := w.abortable(ctx)
	defer release()
	review, err := w.judged(ctx)
	if err != nil {
		return nil, err
	}
	choice, err := w.mayRun(ctx, review)
	if err != nil {
		return nil, err
	}
	if err := w.showReview(ctx, review, choice); err != nil {
		return nil, err
	}
	return review, w.confirm(ctx, review.Account.ID, "Start")
}

// judged returns the review of a file without errors, or of one whose errors may be left out; otherwise it shows them.
func (w *work) judged(ctx context.Context) (*migrate.Review, error) {
	if w.provisions {
		if err := w.provision(ctx, w.input, w.options); err != nil {
			return nil, err
		}
	}
	review, err := w.review(ctx)
	if err == nil && hasErrors(review.Report) {
		err = &migrate.InvalidFileError{Report: review.Report}
	}
	var invalid *migrate.InvalidFileError
	if errors.As(err, &invalid) && !isStale(err) {
		return nil, w.refuseFile(review, invalid)
	}
	if err != nil {
		return nil, err
	}
	return review, nil
}

// review asks the account, and compares it with the plan when one is applied.
func (w *work) review(ctx context.Context) (*migrate.Review, error) {
	if w.plan == nil {
		return w.migrator.Review(ctx, w.input, w.options)
	}
	return w.applied(ctx)
}

// mayRun refuses a reviewed file that must not be run, before anybody is asked.
func (w *work) mayRun(ctx context.Context, r *migrate.Review) (migrate.Choice, error) {
	if w.account != nil && *w.account != r.Account {
		return migrate.Choice{}, &migrate.WrongAccountError{ID: w.run.Resume, Want: *w.account, Got: r.Account}
	}
	choice, err := w.migrator.Choose(ctx, r, w.run)
	switch {
	case as[*migrate.AlreadyMigratedError](err) && w.account != nil:
		return choice, &finished{err, fmt.Sprintf("%s is finished, nothing is left to resume. %s shows it, %s undoes it", w.run.Resume,
			w.command("status", w.run.Resume), w.undoCommand(w.run.Resume))}
	case as[*migrate.UnitUnstatedError](err):
		return choice, fmt.Errorf("%w, with --amount-unit minor or --amount-unit major", err)
	case as[*migrate.AlreadyMigratedError](err):
		return choice, fmt.Errorf("%w. %s shows it, %s undoes it; --again is for those who mean it", err,
			w.command("status", r.Earlier[0].ID), w.undoCommand(r.Earlier[0].ID))
	case as[*migrate.AlreadyScheduledError](err):
		return choice, fmt.Errorf("%w. --skip-scheduled leaves those rows out; --again is for those who mean it", err)
	case err != nil:
		return choice, err
	case r.Ready == 0 && r.TakenRows > 0:
		return choice, &refusal{"already_scheduled", w.input.Name + ": every subscription in it is scheduled already; there is nothing left to do"}
	case r.Ready == 0:
		return choice, w.noneReady(r)
	}
	return choice, nil
}

// finished is a resume of a migration of which nothing is left.
type finished struct {
	error
	text string
}

func (f *finished) Error() string { return f.text }
func (f *finished) Unwrap() error { return f.error }

// noneReady says why a file without an error of its own has no row that could be scheduled.
func (s *session) noneReady(r *migrate.Review) error {
	text := fmt.Sprintf("%s: no row is ready to be scheduled", r.Input.Name)
	if r.Report.Deferred > 0 {
		text += fmt.Sprintf(": %s too soon, before %s; move the dates", plural(r.Report.Deferred, "start"), s.when(s.clock.Now().Add(r.Options.Lead+r.Options.Margin)))
	}
	return &invalidFile{text + ". " + validateAgain(r) + " shows each"}
}

// joined is errors.Join that leaves a single error as it is.
func joined(first, second error) error {
	if second == nil {
		return first
	}
	return errors.Join(first, second)
}
