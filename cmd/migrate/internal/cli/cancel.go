package cli

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/schedule"
)

// cancelFlags are the flags of migrate cancel.
type cancelFlags struct {
	session      sessionFlags
	individually bool
	includeLive  bool
	sourceGone   bool
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

Direct subscriptions (run --direct) exist since the run. They are deleted in the same way as long as they were charged
nothing, within the ten hours also when their start date has come. Those with an invoice that is not 0 are left alone,
unless --include-live ends them; an old debt that the run has collected counts. What was collected, and what is still open,
is named: a cancel pays nothing back and voids no invoice.

Refused as long as a cutover has stopped old subscriptions for it (migrate cutover): nobody would charge those customers any
more. Let the old ones go on first (migrate cutover --undo), or say --source-stopped.

Canceling twice is harmless: a cancel that was interrupted goes on with the same command, and one that left rows alone
looks at those again.`,
		Example: `  migrate cancel mig_…
  migrate cancel --individually mig_…        after the ten hours
  STRIPE_API_KEY=sk_live_… migrate cancel --live --confirm acct_… mig_…`,
		Args: oneArgument("ID"), ValidArgsFunction: a.completeIDs(&f.session.state),
		RunE: a.asRunE(func(ctx context.Context, args []string) error {
			return a.withLedger(ctx, f.session.state, func(store ledger.Ledger, dir string) error {
				return a.withMigration(ctx, args[0], f.session, store, dir, func(s *session, m ledger.Migration) error { return s.cancel(ctx, store, m, f) })
			})
		}),
	}
	a.outputFlag(cmd, formatText, formatJSON)
	f.session.add(cmd)
	cmd.Flags().BoolVar(&f.individually, "individually", false, "cancel schedule by schedule, also after the ten hours")
	cmd.Flags().BoolVar(&f.includeLive, "include-live", false, "also end subscriptions that are live or were charged, without a refund, an invoice or proration")
	cmd.Flags().BoolVar(&f.sourceGone, "source-stopped", false, "also when the old subscriptions were stopped: nobody charges those customers any more")
	return cmd
}

// cancel asks, and cancels with progress on the screen.
func (s *session) cancel(ctx context.Context, store ledger.Ledger, m ledger.Migration, f cancelFlags) error {
	before := m.Status == ledger.StatusCanceled
	if before { // what it has left alone is looked at again
		counts, err := store.Counts(ctx, m.ID, 0)
		if err != nil {
			return err
		}
		before = counts.ByState[ledger.Scheduled] == 0
	}
	if !before || f.includeLive {
		cancels := "the schedules"
		if o, err := migrate.OptionsOf(m); err == nil && o.Direct != schedule.Never {
			cancels = "the schedules and direct subscriptions"
		}
		s.say("%s: cancels %s of %s in %s, %s.", s.bold(m.ID), cancels, m.File, m.Account, s.target.words())
		if f.includeLive {
			s.say("Subscriptions that are live end at once, without a refund, an invoice or proration.")
		}
		if err := s.confirm(ctx, m.Account, "Cancel"); err != nil {
			return err
		}
	}
	ctx, stop, release := s.stoppable(ctx)
	hide := s.progress.start("Canceling")
	c, failure := s.migrator.Cancel(ctx, m.ID, migrate.CancelOptions{Individually: f.individually, IncludeLive: f.includeLive, SourceStopped: f.sourceGone, Stop: stop})
	hide()
	release()
	if c == nil && as[*migrate.WindowClosedError](failure) {
		f.individually = true
		return &withSuggestions{failure, []suggestion{{"do that", s.migrationCommand(f.words(m.ID)...)}}}
	}
	if c == nil && as[*migrate.SourceStoppedError](failure) {
		f.sourceGone = true
		undo := []string{"cutover", "--undo", m.ID}
		if s.target.base != "" { // the source account is at another server, which nothing here knows
			undo = append(undo, "--source-api-base", "URL_OF_THE_SOURCE")
		}
		return &withSuggestions{failure, []suggestion{
			{"let the old ones go on first", s.migrationCommand(undo...)}, {"cancel all the same", s.migrationCommand(f.words(m.ID)...)},
		}}
	}
	if c == nil {
		return failure
	}
	if before && failure == nil && c.Failed == 0 && !f.includeLive && s.textMode() {
		s.say("It was canceled before; nothing was left to do.")
	}
	return s.printCanceled(c, failure, f)
}

// words returns the command line of a cancel with the same flags.
func (f cancelFlags) words(id string) []string {
	words := []string{"cancel"}
	if f.individually {
		words = append(words, "--individually")
	}
	if f.includeLive {
		words = append(words, "--include-live")
	}
	if f.sourceGone {
		words = append(words, "--source-stopped")
	}
	return append(words, id)
}

// cancelOutcome is what came of a cancel: what JSON mode prints.
type cancelOutcome struct {
	*migrate.Canceled
	Error *errorJSON `json:"error,omitempty"`
}

// printCanceled prints what came of a cancel and the next command, and returns why it is not all well.
func (s *session) printCanceled(c *migrate.Canceled, failure error, f cancelFlags) error {
	c.Failures = orEmpty(c.Failures)
	switch {
	case failure == nil && c.Failed > 0:
		failure = &rowsFailed{fmt.Sprintf("%s could not be canceled; the same command tries them again", plural(c.Failed, "row"))}
	case failure != nil && c.Status == string(ledger.StatusCanceling):
		failure = &partlyDone{failure}
	}
	if !s.textMode() {
		return joined(asPrinted(failure), s.printJSON(cancelOutcome{c, s.errorJSON(failure)}))
	}
	s.print("migration    %s\nstatus       %s\ncanceled     %d\nalready live %d\nfailed       %d\n", c.ID, statusWords(c.Status), c.Canceled, c.AlreadyLive, c.Failed)
	if c.Charged > 0 {
		s.print("charged      %d\ncollected    %s\nstill owed   %s\n", c.Charged, sumsOf(c.Collected), sumsOf(c.Collecting))
	}
	s.showFailures(c.Failures)
	if len(c.Collected) > 0 {
		s.say("A cancel pays nothing back: what was collected is refunded in the Dashboard, if it is to be.")
	}
	if c.OpenInvoices > 0 {
		s.say("A cancel voids no invoice: what is still owed, on %s, can be paid or collected; void what is not wanted in the Dashboard.",
			plural(c.OpenInvoices, "open invoice"))
	}
	switch {
	case c.Status != string(ledger.StatusCanceled):
		s.say("To go on: %s", s.migrationCommand(f.words(c.ID)...))
	case c.AlreadyLive > 0:
		f.includeLive = true
		s.say("To end the live ones too, without a refund: %s", s.migrationCommand(f.words(c.ID)...))
	default:
		s.say("Nothing of it goes on: a corrected file can be run. To see every row: %s", s.ledgerCommand("report", c.ID))
	}
	return asPrinted(failure)
}

// sumsOf writes amounts by currency.
func sumsOf(minor map[string]int64) string {
	var sums []string
	for _, currency := range slices.Sorted(maps.Keys(minor)) {
		sums = append(sums, csvspec.Money{Minor: minor[currency], Currency: currency}.String())
	}
	return cmp.Or(strings.Join(sums, ", "), "nothing")
}
