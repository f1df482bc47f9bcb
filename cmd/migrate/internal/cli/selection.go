package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/subferry/subferry/migrate"
)

// selectMigration refuses a reviewed file that must not be run, before anybody is asked.
func (w *fileSession) selectMigration(ctx context.Context, r *migrate.Review) (migrate.Selection, error) {
	if w.resumedAccount != nil && *w.resumedAccount != r.Account {
		return migrate.Selection{}, &migrate.WrongAccountError{ID: w.runOptions.Resume, Want: *w.resumedAccount, Got: r.Account}
	}
	selection, err := w.migrator.Select(ctx, r, w.runOptions)
	var earlier *migrate.AlreadyMigratedError
	var canceled *migrate.BeingCanceledError
	switch {
	case as[*migrate.UnitUnstatedError](err):
		return selection, &withSuggestions{fmt.Errorf("%w, with --amount-unit minor or --amount-unit major", err), []suggestion{
			{"say minor units", w.sameCommand("--amount-unit", "minor")}, {"say major units", w.sameCommand("--amount-unit", "major")},
		}}
	case errors.As(err, &earlier):
		return selection, &withSuggestions{err, []suggestion{
			{"see it", w.ledgerCommand("status", earlier.ID)}, {"undo it", w.cancelEarlier(ctx, earlier.ID)},
			{"create every subscription a second time all the same", w.sameCommand("--again")},
		}}
	case errors.As(err, &canceled) && !canceled.Finished:
		return selection, &withSuggestions{err, []suggestion{{"finish it", w.cancelEarlier(ctx, canceled.ID)}}}
	case as[*migrate.AlreadyScheduledError](err):
		return selection, &withSuggestions{err, w.scheduledSuggestions()}
	case err != nil:
		return selection, err
	case r.Ready == 0:
		return selection, w.noneReady(r)
	}
	return selection, nil
}

// cancelEarlier returns the command line that cancels a migration of the ledger.
func (w *fileSession) cancelEarlier(ctx context.Context, id string) string {
	now := w.clock.Now()
	m, err := migrate.Status(ctx, w.ledger, id, now)
	if err != nil { // that command will say why the migration cannot be read
		return w.cancelCommandLine(id)
	}
	return w.commandFor(ledgerFlags{state: w.flags.state, now: w.flags.now}, m, now, "cancel")
}

// scheduledSuggestions returns what can be done about rows that are scheduled already. What a plan leaves out is part
// of it.
func (w *fileSession) scheduledSuggestions() []suggestion {
	skip, again := w.skipCommand(), w.sameCommand("--again")
	switch {
	case w.resumedAccount != nil:
		return []suggestion{{"leave those rows out", w.fileCommand(w.runWords(w.input.Path, w.options)...)}}
	case w.plan != nil:
		skip = w.fileCommand(append(w.planWords(w.planFile), "--skip-scheduled")...)
	}
	return []suggestion{{"leave those rows out", skip}, {"create their subscriptions a second time all the same", again}}
}

// runWords returns the words of a run of a file without what is scheduled, under the options of an earlier one.
func (s *session) runWords(path string, o migrate.Options) []string {
	words := append([]string{"run", fileWord(path), "--skip-scheduled"}, readingWords(o.Unit, o.AllowColumns, o.Sheet, o.Direct)...)
	if o.SkipInvalid {
		words = append(words, "--skip-invalid")
	}
	return append(append(words, marginWords(o.Margin)...), s.target.checkWords(o.CheckCustomers)...)
}

// noneReady is the error of a file without errors in which no row can be scheduled.
func (w *fileSession) noneReady(r *migrate.Review) error {
	if r.DuplicateRows > 0 {
		return &refusal{"already_scheduled", r.Input.Name + ": what is ready in it is scheduled already; there is nothing left to do"}
	}
	text := fmt.Sprintf("%s: no row is ready to be scheduled", r.Input.Name)
	if r.Report.Deferred > 0 {
		text += fmt.Sprintf(": %s too soon, before %s; move the dates", plural(r.Report.Deferred, "start"), w.when(w.clock.Now().Add(r.Options.Lead+r.Options.Margin)))
	}
	return &withSuggestions{&invalidFile{text}, []suggestion{{"see each", w.validateAgain(r.Input.Name, r.Options)}}}
}
