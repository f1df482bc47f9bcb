package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/ledger/sqlite"
)

// resumeFlags are the flags of migrate resume.
type resumeFlags struct {
	session sessionFlags
	limits  limitFlags
}

// resumeCommand goes on with a migration.
func (a *app) resumeCommand() *cobra.Command {
	var f resumeFlags
	cmd := &cobra.Command{
		Use:   "resume ID",
		Short: "Go on with a run that was interrupted, or with the rest after a canary",
		Long: `Goes on with a migration: reads the same file the same way, looks up what became of requests whose answers were
lost, and schedules the rows that are not scheduled yet. Rows that Stripe refused are tried again. The file must
be where it was, and as it was.`,
		Example: "  migrate resume mig_…\n  STRIPE_API_KEY=sk_live_… migrate resume --live --confirm acct_… mig_…",
		Args:    one("ID"), ValidArgsFunction: a.completeIDs(&f.session.state),
		RunE: a.does(func(ctx context.Context, args []string) error {
			return a.withLedger(ctx, f.session.state, func(store *sqlite.Store, dir string) error {
				return a.resume(ctx, args[0], f, store, dir)
			})
		}),
	}
	a.outputFlag(cmd, formatText, formatJSON)
	f.session.add(cmd)
	f.limits.add(cmd)
	return cmd
}

func (a *app) resume(ctx context.Context, id string, f resumeFlags, store *sqlite.Store, dir string) error {
	// A migration of which nothing is left needs neither its file nor a key.
	m, err := migrate.Status(ctx, store, id, a.clock(f.session.now).Now())
	if err == nil && m.Status == string(ledger.StatusScheduled) && m.Failed == 0 && m.Unknown == 0 {
		return a.finished(m, f.session)
	}
	return a.withMigration(ctx, id, f.session, store, dir, func(s *session, m ledger.Migration) error { return s.resume(ctx, m, f) })
}

// withMigration does something with a migration while its account is open.
func (a *app) withMigration(ctx context.Context, id string, f sessionFlags, store *sqlite.Store, dir string, do func(*session, ledger.Migration) error) error {
	if err := f.check(); err != nil {
		return err
	}
	m, err := store.Migration(ctx, id)
	if err != nil {
		return a.unknownID(err, f.state)
	}
	if m.APIBase != "" && f.mode.apiBase == "" {
		return &advised{&refusal{"wrong_account", m.ID + " was made in an account at " + m.APIBase}, []way{{"go there", a.sameCommand("--api-base", m.APIBase)}}}
	}
	t, err := a.targetOf(m, f.mode)
	if err != nil {
		return err
	}
	s, err := a.open(f, t, store, dir, boxOf(m.Account))
	if err != nil {
		return err
	}
	return joined(do(s, m), s.close())
}

// resume goes on with a migration whose file is still what it was.
func (s *session) resume(ctx context.Context, m ledger.Migration, f resumeFlags) error {
	if m.Status == ledger.StatusCanceling {
		return &advised{&refusal{"canceled", m.ID + " is being canceled"}, []way{{"finish that", s.undoCommand(m.ID)}}}
	}
	if m.Status == ledger.StatusCanceled {
		return &refusal{"canceled", m.ID + " was canceled: run its file again to begin anew"}
	}
	in, options, err := s.migrator.Reopen(ctx, m.ID)
	if errors.Is(err, migrate.ErrChanged) {
		return s.fileChanged(err, m)
	}
	if err != nil {
		return err
	}
	w := work{session: s, input: in, options: options, account: &migrate.Account{ID: m.Account, Livemode: m.Livemode},
		run: migrate.RunOptions{Resume: m.ID, StopAfterFailures: f.limits.stopAfterFailures}}
	return w.do(ctx)
}

// fileChanged says what can be done when the file of a migration is not what it was.
func (s *session) fileChanged(err error, m ledger.Migration) error {
	again := append([]string{"run", fileWord(m.Path), "--skip-scheduled"}, keptReading(m)...)
	return &advised{fmt.Errorf("%w for %s: restore it, or do otherwise", err, m.ID), []way{
		{"run it as it is now, without what is scheduled", s.inPlace(again...)},
		{"cancel what is scheduled", s.undoCommand(m.ID)},
	}}
}

// keptReading returns the words that make another command read the file of a migration in the same way.
func keptReading(m ledger.Migration) []string {
	o, err := migrate.OptionsOf(m)
	if err != nil { // it was read before
		return nil
	}
	return readingWords(o.Unit, o.AllowColumns, o.Sheet)
}

// finished says that a migration is finished, and shows how it stands: that there is nothing left to do is no failure.
func (a *app) finished(s *migrate.Summary, f sessionFlags) error {
	a.say("%s is finished: nothing is left to resume.", s.ID)
	if !a.text() {
		s.Failures = orEmpty(s.Failures)
		return a.printJSON(&outcome{Summary: s, Ready: s.Rows})
	}
	a.showSummary(s, statusWords(s.Status))
	a.say("Next: %s", a.commandLine(f.state, append([]string{"status", s.ID}, nowWords(f.now)...)...))
	a.nextOf(s, ledgerFlags{state: f.state, now: f.now}, a.clock(f.now).Now(), false)
	return nil
}
