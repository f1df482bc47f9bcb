package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/validate"
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
		Args:    oneArgument("ID"), ValidArgsFunction: a.completeIDs(&f.session.state),
		RunE: a.asRunE(func(ctx context.Context, args []string) error { return a.resume(ctx, args[0], f) }),
	}
	a.outputFlag(cmd, formatText, formatJSON)
	f.session.add(cmd)
	f.limits.add(cmd)
	return cmd
}

func (a *app) resume(ctx context.Context, id string, f resumeFlags) error {
	return a.withLedger(ctx, f.session.state, func(store ledger.Ledger, dir string) error {
		// A migration of which nothing is left needs neither its file nor a key; that nothing is left is no failure.
		m, err := migrate.Status(ctx, store, id, a.clock(f.session.now).Now())
		if err != nil || m.Status != string(ledger.StatusScheduled) || m.Failed > 0 || m.Unknown > 0 {
			return a.withMigration(ctx, id, f.session, store, dir, func(s *session, m ledger.Migration) error { return s.resume(ctx, m, f) })
		}
		a.say("%s is finished: nothing is left to resume.", m.ID)
		if !a.textMode() {
			m.Failures = orEmpty(m.Failures)
			return a.printJSON(&outcome{Summary: m, Ready: m.Rows})
		}
		a.showSummary(m, statusWords(m.Status))
		a.say("Next: %s", a.commandLine(f.session.state, append([]string{"status", m.ID}, nowWords(f.session.now)...)...))
		a.nextOf(m, ledgerFlags{state: f.session.state, now: f.session.now}, a.clock(f.session.now).Now(), false)
		return nil
	})
}

// resume goes on with a migration whose file is still what it was.
func (s *session) resume(ctx context.Context, m ledger.Migration, f resumeFlags) error {
	if m.Status == ledger.StatusCanceling {
		return &withSuggestions{&refusal{"canceled", m.ID + " is being canceled"}, []suggestion{{"finish that", s.cancelCommandLine(m.ID)}}}
	}
	if m.Status == ledger.StatusCanceled {
		return &refusal{"canceled", m.ID + " was canceled: run its file again to begin anew"}
	}
	in, options, err := s.migrator.Reopen(ctx, m.ID)
	if o, err := migrate.OptionsOf(m); err == nil && o.Lead == validate.SandboxLead {
		s.flags.mode.sandbox, s.target.lead = true, o.Lead // as in the run, also for the commands that are suggested
	}
	if errors.Is(err, migrate.ErrChanged) {
		again := []string{"run", fileWord(m.Path), "--skip-scheduled"}
		if o, err := migrate.OptionsOf(m); err == nil {
			again = s.runWords(m.Path, o)
		}
		return &withSuggestions{fmt.Errorf("%w for %s: restore it, or do otherwise", err, m.ID), []suggestion{
			{"run it as it is now, without what is scheduled", s.fileCommand(again...)},
			{"cancel what is scheduled", s.cancelCommandLine(m.ID)},
		}}
	}
	if err != nil {
		return err
	}
	w := fileSession{session: s, input: in, options: options, directCount: f.limits.directCount, resumedAccount: &migrate.Account{ID: m.Account, Livemode: m.Livemode},
		runOptions: migrate.RunOptions{Resume: m.ID, StopAfterFailures: f.limits.stopAfterFailures}}
	return w.run(ctx)
}

// withMigration does something with a migration of the ledger while its account is open. A migration of the embedded
// sandbox can only be there, with or without a key.
func (a *app) withMigration(ctx context.Context, id string, f sessionFlags, store ledger.Ledger, dir string, do func(*session, ledger.Migration) error) error {
	if err := f.check(); err != nil {
		return err
	}
	m, err := store.Migration(ctx, id)
	if err != nil {
		return a.unknownID(err, f.state)
	}
	if m.APIBase != "" && f.mode.apiBase == "" {
		return &withSuggestions{&refusal{"wrong_account", m.ID + " was made in an account at " + m.APIBase}, []suggestion{{"go there", a.sameCommand("--api-base", m.APIBase)}}}
	}
	decide := func() (target, error) { return a.target(f.mode) }
	if strings.HasPrefix(m.Account, embeddedAccount) && f.mode.apiBase == "" && !f.mode.live {
		decide = embeddedTarget
	}
	t, err := decide()
	if err != nil {
		return err
	}
	s, err := a.openSession(f, t, store, dir, accountSandbox(m.Account))
	if err != nil {
		return err
	}
	return joined(do(s, m), s.close())
}
