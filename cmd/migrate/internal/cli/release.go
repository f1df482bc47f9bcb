package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/ledger"
)

// releaseFlags are the flags of migrate release.
type releaseFlags struct {
	session   sessionFlags
	customers []string
	rows      []int64
}

// releaseCommand releases the schedules of live subscriptions.
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
			return a.withLedger(ctx, f.session.state, func(store ledger.Ledger, dir string) error {
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

// release asks, and releases with progress on the screen.
func (s *session) release(ctx context.Context, m ledger.Migration, f releaseFlags) error {
	var of []string
	if len(f.rows) > 0 {
		of = append(of, plural(len(f.rows), "row"))
	}
	if len(f.customers) > 0 {
		of = append(of, plural(len(f.customers), "customer"))
	}
	which := "every live subscription"
	if len(of) > 0 {
		which = "what is live of " + strings.Join(of, " and ")
	}
	s.say("%s: releases %s of %s in %s, %s.", s.bold(m.ID), which, m.File, m.Account, s.target.words())
	s.say("Their schedules end for good; the subscriptions go on as they are, and can be canceled and changed elsewhere.")
	s.say("%s cancel does not undo released rows any more; with --include-live it ends their subscriptions.", programName(s.env.Program))
	s.say("Left alone: schedules that have not started, that end their subscription, or that begin another phase.")
	if err := s.confirm(ctx, m.Account, "Release"); err != nil {
		return err
	}
	ctx, stop, done := s.stoppable(ctx)
	hide := s.progress.start("Releasing")
	r, failure := s.migrator.Release(ctx, m.ID, migrate.ReleaseOptions{Customers: f.customers, Rows: f.rows, Stop: stop})
	hide()
	done()
	if r == nil {
		return failure
	}
	return s.printReleased(r, failure, f)
}

// releaseOutcome is what came of a release: what JSON mode prints.
type releaseOutcome struct {
	*migrate.Released
	Error *errorJSON `json:"error,omitempty"`
}

// printReleased prints what came of a release and the next command, and returns why it is not all well.
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
		{"ended", r.Ended, " (nothing to release)"}, {"direct", r.Direct, " (nothing to release: no schedule governs direct subscriptions)"}, {"failed", r.Failed, ""},
	} {
		if c.n > 0 {
			s.print("%-12s %d%s\n", c.name, c.n, c.note)
		}
	}
	why := map[string]string{
		migrate.KeptEnds:    "its schedule ends the subscription; released, it would go on and charge",
		migrate.KeptChanges: "somebody has given its schedule another phase, which a release would drop",
	}
	for i, k := range r.KeptRows {
		if i == shownFailures {
			s.print("… and more that are kept; -o json lists the first 100\n")
			break
		}
		s.print("line %d (row %d): %s of %s is kept: %s\n", k.Line, k.Row, k.ScheduleID, k.Customer, why[k.Reason])
	}
	s.showFailures(r.Failures)
	if failure == nil {
		s.say("Next: %s shows every row", s.ledgerCommand("report", r.ID))
		return nil
	}
	again := []string{"release", r.ID}
	for _, customer := range f.customers {
		again = append(again, "--customer", customer)
	}
	for _, row := range f.rows {
		again = append(again, "--row", fmt.Sprint(row))
	}
	s.say("Next: %s goes on", s.migrationCommand(again...))
	return asPrinted(failure)
}
