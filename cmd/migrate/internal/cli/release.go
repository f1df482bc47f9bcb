package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/ledger/sqlite"
)

// releaseFlags are the flags of migrate release.
type releaseFlags struct {
	session   sessionFlags
	customers []string
	rows      []int64
}

// releaseCommand lets go of live subscriptions.
func (a *app) releaseCommand() *cobra.Command {
	var f releaseFlags
	cmd := &cobra.Command{
		Use:   "release ID",
		Short: "Let go of live subscriptions, so that they can be canceled and changed elsewhere",
		Long: `From go-live to the end of its first phase, a schedule owns its subscription: your app's cancel button, which sets
cancel_at_period_end, fails until then, and so do other changes. After that the schedule lets go by itself.

This lets go now. It releases the schedules of a migration whose subscriptions are live: all of them, or those of the
customers and rows that you name. The subscriptions go on as they are, with the same prices, dates, tax and collection
settings, and nothing is charged. A release cannot be taken back, and migrate cancel does not undo released rows any
more, but with --include-live, which ends their subscriptions.

Left alone and named: schedules that have not started, and those that end their subscription (cancel_at_period_end in
the file) or begin another phase, because a release would drop that. Those subscriptions would go on and charge.

Releasing twice is harmless. A release that was interrupted goes on with the same command.`,
		Example: `  migrate release mig_…
  migrate release --customer cus_A --customer cus_B mig_…
  migrate release --row 17 mig_…               the row's number in migrate report -o csv
  STRIPE_API_KEY=sk_live_… migrate release --live --confirm acct_… mig_…`,
		Args: oneArgument("ID"), ValidArgsFunction: a.completeIDs(&f.session.state),
		RunE: a.asRunE(func(ctx context.Context, args []string) error {
			return a.withLedger(ctx, f.session.state, func(store *sqlite.Store, dir string) error {
				return a.withMigration(ctx, args[0], f.session, store, dir, func(s *session, m ledger.Migration) error { return s.release(ctx, m, f) })
			})
		}),
	}
	a.outputFlag(cmd, formatText, formatJSON)
	f.session.add(cmd)
	cmd.Flags().StringArrayVar(&f.customers, "customer", nil, "release only what belongs to this `CUSTOMER` (cus_…); may be repeated")
	cmd.Flags().Int64SliceVar(&f.rows, "row", nil, "release only this data row `N` of the file, counted from 1; may be repeated")
	return cmd
}

// which says in words which rows are meant.
func (f releaseFlags) which() string {
	switch {
	case len(f.rows) == 0 && len(f.customers) == 0:
		return "every live subscription"
	case len(f.customers) == 0:
		return "what is live of " + plural(len(f.rows), "row")
	case len(f.rows) == 0:
		return "what is live of " + plural(len(f.customers), "customer")
	}
	return "what is live of " + plural(len(f.rows), "row") + " and " + plural(len(f.customers), "customer")
}

// release asks and releases.
func (s *session) release(ctx context.Context, m ledger.Migration, f releaseFlags) error {
	s.say("%s: releases %s of %s in %s, %s.", s.bold(m.ID), f.which(), m.File, m.Account, s.target.words())
	s.say("Their schedules end for good; the subscriptions go on as they are, and can be canceled and changed elsewhere.")
	s.say("%s cancel does not undo released rows any more; with --include-live it ends their subscriptions.", programName(s.env.Program))
	s.say("Left alone: schedules that have not started, that end their subscription, or that begin another phase.")
	if err := s.confirmRelease(ctx, m.Account); err != nil {
		return err
	}
	r, failure := s.released(ctx, m.ID, f)
	if r == nil {
		return failure
	}
	return s.printReleased(r, failure, f)
}

func (s *session) confirmRelease(ctx context.Context, account string) error {
	ctx, done := s.abortable(ctx)
	defer done()
	return s.confirm(ctx, account, "Release")
}

// released releases with progress on the screen.
func (s *session) released(ctx context.Context, id string, f releaseFlags) (*migrate.Released, error) {
	ctx, stop, done := s.stoppable(ctx)
	defer done()
	defer s.progress.start("Releasing")()
	return s.migrator.Release(ctx, id, migrate.ReleaseOptions{Customers: f.customers, Rows: f.rows, Stop: stop})
}

// releaseOutcome is what came of a release: what JSON mode prints.
type releaseOutcome struct {
	*migrate.Released
	Error *errorJSON `json:"error,omitempty"`
}

func (s *session) printReleased(r *migrate.Released, failure error, f releaseFlags) error {
	r.KeptRows, r.Failures = orEmpty(r.KeptRows), orEmpty(r.Failures)
	switch {
	case failure == nil && r.Failed > 0:
		failure = &rowsFailed{fmt.Sprintf("%s could not be released; the same command tries them again", plural(r.Failed, "schedule"))}
	case failure != nil:
		failure = &partlyDone{failure}
	}
	if !s.textMode() {
		return joined(asPrinted(failure), s.printJSON(releaseOutcome{r, s.errorJSON(failure)}))
	}
	s.print("migration    %s\nreleased     %d\n", r.ID, r.Released)
	for _, c := range []count{
		{"not started", r.NotStarted, " (left alone)"}, {"kept", r.Kept, " (left alone: a release would drop what their schedules are yet to do)"},
		{"ended", r.Ended, " (nothing to release)"}, {"failed", r.Failed, ""},
	} {
		if c.n > 0 {
			s.print("%-12s %d%s\n", c.name, c.n, c.note)
		}
	}
	s.showKept(r.KeptRows)
	s.showFailures(r.Failures)
	if failure != nil {
		s.say("Next: %s goes on", s.migrationCommand(f.words(r.ID)...))
	} else {
		s.say("Next: %s shows every row", s.ledgerCommand("report", r.ID))
	}
	return asPrinted(failure)
}

// words are those of the same command once more.
func (f releaseFlags) words(id string) []string {
	words := []string{"release", id}
	for _, customer := range f.customers {
		words = append(words, "--customer", customer)
	}
	for _, row := range f.rows {
		words = append(words, "--row", fmt.Sprint(row))
	}
	return words
}

func (s *session) showKept(kept []migrate.Kept) {
	why := map[string]string{
		migrate.KeptEnds:    "its schedule ends the subscription; released, it would go on and charge",
		migrate.KeptChanges: "somebody has given its schedule another phase, which a release would drop",
	}
	for i, k := range kept {
		if i == shownFailures {
			s.print("… and more that are kept; -o json lists the first 100\n")
			return
		}
		s.print("line %d (row %d): %s of %s is kept: %s\n", k.Line, k.Row, k.ScheduleID, k.Customer, why[k.Reason])
	}
}
