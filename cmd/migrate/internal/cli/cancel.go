package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/ledger/sqlite"
)

// cancelFlags are the flags of migrate cancel.
type cancelFlags struct {
	session      sessionFlags
	individually bool
	includeLive  bool
}

// cancelCommand undoes a migration.
func (a *app) cancelCommand() *cobra.Command {
	var f cancelFlags
	cmd := &cobra.Command{
		Use:   "cancel ID",
		Short: "Undo a migration within ten hours",
		Long: `Cancels every schedule of a migration that has not gone live, without invoices and without proration. That is
possible for 10 hours after the run, as in Stripe's toolkit; afterwards --individually does it one by one.
Subscriptions that are live already are left alone, unless --include-live ends them too.

Canceling twice is harmless. A cancel that was interrupted goes on with the same command.`,
		Example: `  migrate cancel mig_…
  migrate cancel --individually mig_…        after the ten hours
  STRIPE_API_KEY=sk_live_… migrate cancel --live --confirm acct_… mig_…`,
		Args: one("ID"), ValidArgsFunction: a.completeIDs(&f.session.state),
		RunE: a.does(func(ctx context.Context, args []string) error {
			return a.withLedger(ctx, f.session.state, func(store *sqlite.Store, dir string) error {
				return a.cancel(ctx, args[0], f, store, dir)
			})
		}),
	}
	a.outputFlag(cmd, formatText, formatJSON)
	f.session.add(cmd)
	cmd.Flags().BoolVar(&f.individually, "individually", false, "cancel schedule by schedule, also after the ten hours")
	cmd.Flags().BoolVar(&f.includeLive, "include-live", false, "also end subscriptions that are live, without a refund, an invoice or proration")
	return cmd
}

func (a *app) cancel(ctx context.Context, id string, f cancelFlags, store *sqlite.Store, dir string) error {
	return a.withMigration(ctx, id, f.session, store, dir, func(s *session, m ledger.Migration) error { return s.undo(ctx, m, f) })
}

// undo asks and cancels.
func (s *session) undo(ctx context.Context, m ledger.Migration, f cancelFlags) error {
	if m.Status != ledger.StatusCanceled || f.includeLive {
		s.say("%s: cancels the schedules of %s in %s, %s.", s.bold(m.ID), m.File, m.Account, s.target.words())
		if f.includeLive {
			s.say("Subscriptions that are live end at once, without a refund, an invoice or proration.")
		}
		if err := s.confirmCancel(ctx, m.Account); err != nil {
			return err
		}
	}
	c, failure := s.canceled(ctx, m.ID, f)
	if c == nil {
		return s.wayOut(failure, m.ID, f)
	}
	return s.toldCanceled(c, failure, f, m.Status == ledger.StatusCanceled)
}

func (s *session) confirmCancel(ctx context.Context, account string) error {
	ctx, release := s.abortable(ctx)
	defer release()
	return s.confirm(ctx, account, "Cancel")
}

// canceled cancels with progress on the screen.
func (s *session) canceled(ctx context.Context, id string, f cancelFlags) (*migrate.Canceled, error) {
	ctx, stop, release := s.stoppable(ctx)
	defer release()
	defer s.meter.start("Canceling")()
	return s.migrator.Cancel(ctx, id, migrate.CancelOptions{Individually: f.individually, IncludeLive: f.includeLive, Stop: stop})
}

// wayOut adds what can be done after the window.
func (s *session) wayOut(err error, id string, f cancelFlags) error {
	if as[*migrate.WindowClosedError](err) {
		f.individually = true
		return &advised{err, []way{{"do that", s.undoable(f.words(id)...)}}}
	}
	return err
}

// words returns the words of a cancel that goes as far as this one.
func (f cancelFlags) words(id string) []string {
	words := []string{"cancel"}
	if f.individually {
		words = append(words, "--individually")
	}
	if f.includeLive {
		words = append(words, "--include-live")
	}
	return append(words, id)
}

// undone is what came of a cancel: what JSON mode prints.
type undone struct {
	*migrate.Canceled
	Error *problem `json:"error,omitempty"`
}

func (s *session) toldCanceled(c *migrate.Canceled, failure error, f cancelFlags, before bool) error {
	c.Failures = orEmpty(c.Failures)
	switch {
	case failure == nil && c.Failed > 0:
		failure = &rowsFailed{fmt.Sprintf("%s could not be canceled; the same command tries them again", plural(c.Failed, "schedule"))}
	case failure != nil && c.Status == string(ledger.StatusCanceling):
		failure = &partly{failure}
	}
	if !s.text() {
		return joined(printedIf(failure), s.printJSON(undone{c, s.problem(failure)}))
	}
	if before && failure == nil && !f.includeLive {
		s.say("It was canceled before; nothing was left to do.")
	}
	s.print("migration    %s\nstatus       %s\ncanceled     %d\nalready live %d\nfailed       %d\n", c.ID, statusWords(c.Status), c.Canceled, c.AlreadyLive, c.Failed)
	s.showFailures(c.Failures)
	s.nextAfterCancel(c, f)
	return printedIf(failure)
}

func (s *session) nextAfterCancel(c *migrate.Canceled, f cancelFlags) {
	switch {
	case c.Status != string(ledger.StatusCanceled):
		s.say("To go on: %s", s.undoable(f.words(c.ID)...))
	case c.AlreadyLive > 0:
		f.includeLive = true
		s.say("To end the live ones too, without a refund: %s", s.undoable(f.words(c.ID)...))
	default:
		s.say("Nothing of it is left to charge: a corrected file can be run. To see every row: %s", s.command("report", c.ID))
	}
}
