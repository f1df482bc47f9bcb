package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/validate"
)

// mayRun refuses a reviewed file that must not be run, before anybody is asked.
func (w *work) mayRun(ctx context.Context, r *migrate.Review) (migrate.Choice, error) {
	if w.account != nil && *w.account != r.Account {
		return migrate.Choice{}, &migrate.WrongAccountError{ID: w.run.Resume, Want: *w.account, Got: r.Account}
	}
	choice, err := w.migrator.Choose(ctx, r, w.run)
	var earlier *migrate.AlreadyMigratedError
	switch {
	case as[*migrate.AlreadyMigratedError](err) && w.account != nil:
		return choice, &finished{err, fmt.Sprintf("%s is finished, nothing is left to resume. %s shows it, %s undoes it", w.run.Resume,
			w.command("status", w.run.Resume), w.undoCommand(w.run.Resume))}
	case as[*migrate.UnitUnstatedError](err):
		return choice, fmt.Errorf("%w, with --amount-unit minor or --amount-unit major", err)
	case errors.As(err, &earlier):
		return choice, fmt.Errorf("%w. %s shows it, %s undoes it; --again is for those who mean it", err,
			w.command("status", earlier.ID), w.undoCommand(earlier.ID))
	case as[*migrate.AlreadyScheduledError](err):
		return choice, w.leavable(err)
	case err != nil:
		return choice, err
	case r.Ready == 0:
		return choice, w.noneReady(r)
	}
	return choice, nil
}

// leavable says how rows are left out whose subscriptions exist already. A resume has no flag for that.
func (w *work) leavable(err error) error {
	if w.account != nil {
		words := append([]string{"run", w.input.Path, "--skip-scheduled"}, readingWords(w.options.Unit, w.options.AllowColumns, w.options.Sheet)...)
		if w.options.Lead == validate.SandboxLead {
			words = append(words, "--sandbox")
		}
		return fmt.Errorf("%w. %s goes on and leaves those rows out", err, w.undoable(words...))
	}
	return fmt.Errorf("%w. --skip-scheduled leaves those rows out; --again is for those who mean it", err)
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
	if r.TakenRows > 0 {
		return &refusal{"already_scheduled", r.Input.Name + ": what is ready in it is scheduled already; there is nothing left to do"}
	}
	text := fmt.Sprintf("%s: no row is ready to be scheduled", r.Input.Name)
	if r.Report.Deferred > 0 {
		text += fmt.Sprintf(": %s too soon, before %s; move the dates", plural(r.Report.Deferred, "start"), s.when(s.clock.Now().Add(r.Options.Lead+r.Options.Margin)))
	}
	return &invalidFile{text + ". " + validateAgain(r) + " shows each"}
}
