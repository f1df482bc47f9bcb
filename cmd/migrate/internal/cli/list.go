package cli

import (
	"context"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/ledger"
)

// listCommand shows all migrations.
func (a *app) listCommand() *cobra.Command {
	var f ledgerFlags
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List all migrations, newest first",
		Long:    "Lists the migrations that the ledger knows: when, which file, ID, subscriptions, status. As text, runs of usage stand below\nthem; for JSON they have a list of their own, migrate usage list.",
		Example: "  migrate list\n  migrate list --live -o json",
		Args:    noArguments,
		RunE: a.asRunE(func(ctx context.Context, _ []string) error {
			return a.withLedger(ctx, f.state, func(store ledger.Ledger, _ string) error { return a.list(ctx, store, f) })
		}),
	}
	a.outputFlag(cmd, formatText, formatJSON)
	f.add(cmd)
	return cmd
}

func (a *app) list(ctx context.Context, store ledger.Ledger, f ledgerFlags) error {
	all, err := migrate.List(ctx, store, a.clock(f.now).Now())
	if err != nil {
		return err
	}
	shown := []*migrate.Summary{}
	for _, s := range all {
		if f.shows(s) {
			if err := f.allows(s); err != nil {
				return err
			}
			shown = append(shown, s)
		}
	}
	if name := a.ledgerName(); name != "" {
		a.say("Ledger: %s", name)
	}
	if !a.textMode() {
		return a.printJSON(shown)
	}
	runs, err := usageRuns(ctx, store, f.sandbox, f.live)
	if err != nil {
		return err
	}
	if len(shown) == 0 && len(runs) > 0 {
		return a.showUsageRuns(runs, f.state)
	}
	if len(shown) == 0 {
		a.say("No migrations yet. Next: %s", a.commandLine(f.state, "run", "--sandbox", "FILE"))
		return nil
	}
	t := tabwriter.NewWriter(a.stdout(), 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "UPLOADED\tFILE\tID\tSUBSCRIPTIONS\tSTATUS\tACCOUNT")
	for _, s := range shown {
		subscriptions := fmt.Sprint(s.Rows)
		if s.Scheduled != s.Rows { // what was refused has none
			subscriptions = fmt.Sprintf("%d of %d", s.Scheduled, s.Rows)
		}
		status := statusWords(s.Status)
		for _, c := range []count{{"refused", s.Failed, ""}, {"unknown", s.Unknown, ""}, {"deferred", s.Deferred, ""}} {
			if c.n > 0 {
				status += fmt.Sprintf(", %d %s", c.n, c.name)
			}
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s (%s)\n", s.CreatedAt.In(a.env.Zone).Format("2006-01-02 15:04"), s.File, s.ID,
			subscriptions, status, s.Account, modeWords(s))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if len(runs) > 0 {
		a.print("\n")
		if err := a.showUsageRuns(runs, f.state); err != nil {
			return err
		}
	}
	a.say("Next: %s", a.commandLine(f.state, append([]string{"status", shown[0].ID}, nowWords(f.now)...)...))
	return nil
}
