package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/subferry/subferry/migrate"
)

// mayRun refuses a reviewed file that must not be run, before anybody is asked.
func (w *work) mayRun(ctx context.Context, r *migrate.Review) (migrate.Selection, error) {
	if w.account != nil && *w.account != r.Account {
		return migrate.Selection{}, &migrate.WrongAccountError{ID: w.run.Resume, Want: *w.account, Got: r.Account}
	}
	choice, err := w.migrator.Select(ctx, r, w.run)
	var earlier *migrate.AlreadyMigratedError
	switch {
	case as[*migrate.UnitUnstatedError](err):
		return choice, &advised{fmt.Errorf("%w, with --amount-unit minor or --amount-unit major", err), []way{
			{"say minor units", w.sameCommand("--amount-unit", "minor")}, {"say major units", w.sameCommand("--amount-unit", "major")},
		}}
	case errors.As(err, &earlier):
		return choice, &advised{err, []way{
			{"see it", w.command("status", earlier.ID)}, {"undo it", w.undoEarlier(ctx, earlier.ID)},
			{"create every subscription a second time all the same", w.sameCommand("--again")},
		}}
	case as[*migrate.BeingCanceledError](err):
		return choice, w.afterCancel(ctx, err)
	case as[*migrate.AlreadyScheduledError](err):
		return choice, &advised{err, w.aroundScheduled()}
	case err != nil:
		return choice, err
	case r.Ready == 0:
		return choice, w.noneReady(r)
	}
	return choice, nil
}

// undoEarlier returns the command line that cancels a migration of the ledger.
func (w *work) undoEarlier(ctx context.Context, id string) string {
	now := w.clock.Now()
	m, err := migrate.Status(ctx, w.ledger, id, now)
	if err != nil { // what cannot be read now is told by that command
		return w.undoCommand(id)
	}
	return w.onMigration(ledgerFlags{state: w.flags.state, now: w.flags.now}, m, now, "cancel")
}

// afterCancel says how a cancel that was begun is finished.
func (w *work) afterCancel(ctx context.Context, err error) error {
	var canceled *migrate.BeingCanceledError
	if errors.As(err, &canceled) && !canceled.Finished {
		return &advised{err, []way{{"finish it", w.undoEarlier(ctx, canceled.ID)}}}
	}
	return err
}

// aroundScheduled returns what can be done about rows that are scheduled already. A plan says itself what it leaves out.
func (w *work) aroundScheduled() []way {
	skip, again := w.sameCommand("--skip-scheduled"), w.sameCommand("--again")
	switch {
	case w.account != nil:
		words := append([]string{"run", fileWord(w.input.Path), "--skip-scheduled"}, readingWords(w.options.Unit, w.options.AllowColumns, w.options.Sheet)...)
		return []way{{"leave those rows out", w.inPlace(words...)}}
	case w.plan != nil:
		skip = w.inPlace(append(w.planWords(), "--skip-scheduled")...)
	}
	return []way{{"leave those rows out", skip}, {"create their subscriptions a second time all the same", again}}
}

// noneReady says why a file without an error of its own has no row that could be scheduled.
func (w *work) noneReady(r *migrate.Review) error {
	if r.DuplicateRows > 0 {
		return &refusal{"already_scheduled", r.Input.Name + ": what is ready in it is scheduled already; there is nothing left to do"}
	}
	text := fmt.Sprintf("%s: no row is ready to be scheduled", r.Input.Name)
	if r.Report.Deferred > 0 {
		text += fmt.Sprintf(": %s too soon, before %s; move the dates", plural(r.Report.Deferred, "start"), w.when(w.clock.Now().Add(r.Options.Lead+r.Options.Margin)))
	}
	return &advised{&invalidFile{text}, []way{{"see each", w.validateAgain(r.Input.Name, r.Options)}}}
}
