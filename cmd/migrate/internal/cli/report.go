package cli

import (
	"context"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/schedule"
)

// reportCommand shows what became of every row.
func (a *app) reportCommand() *cobra.Command {
	var state stateFlag
	cmd := &cobra.Command{
		Use:   "report ID",
		Short: "List what became of every row: the map from old IDs to new ones",
		Long: `Lists the rows of a migration in the order of the file: line, customer, the subscription's ID in the old system,
the schedule's ID in Stripe, strategy, state, and Stripe's error where there is one. Rows that were never begun
are not listed. It reads the ledger.`,
		Example: "  migrate report mig_…\n  migrate report -o csv mig_… > map.csv",
		Args:    oneArgument("ID"), ValidArgsFunction: a.completeIDs(&state),
		RunE: a.asRunE(func(ctx context.Context, args []string) error {
			return a.withLedger(ctx, state, func(store ledger.Ledger, _ string) error { return a.report(ctx, store, args[0], state) })
		}),
	}
	a.outputFlag(cmd, formatText, formatJSON, formatCSV)
	state.add(cmd)
	return cmd
}

func (a *app) report(ctx context.Context, store ledger.Ledger, id string, state stateFlag) error {
	s, err := a.summary(ctx, store, id, ledgerFlags{state: state}, a.env.Now())
	if err != nil {
		return err
	}
	m, err := store.Migration(ctx, id)
	if err != nil {
		return err
	}
	o, err := migrate.OptionsOf(m)
	if err != nil {
		return err
	}
	var out rowWriter
	switch a.output {
	case formatJSON:
		out = &jsonRows{w: a.stdout()}
	case formatCSV:
		out = csvRows{migrate.NewReportCSV(a.stdout(), o.Direct)}
	default:
		out = &textRows{tabwriter.NewWriter(a.stdout(), 0, 0, 2, ' ', 0), o.Direct != schedule.Never}
	}
	if err := out.begin(); err != nil {
		return err
	}
	for line, err := range migrate.Report(ctx, store, id) {
		if err != nil {
			return err
		}
		if err := out.row(line); err != nil {
			return err
		}
	}
	if err := out.end(); err != nil {
		return err
	}
	if s.Pending > 0 {
		a.say("Not listed: %s, not begun.", plural(s.Pending, "row"))
	}
	a.nextOf(s, ledgerFlags{state: state}, a.env.Now(), underWay(s) && atWork(store, id))
	return nil
}
