package cli

import (
	"context"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/usage"
)

// usageListCommand shows all runs of usage.
func (a *app) usageListCommand() *cobra.Command {
	var state stateFlag
	var testMode, live bool
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List all runs of usage, newest first",
		Long:    "Lists the runs of usage that the ledger knows: when, which file, ID, events, status. It reads the ledger: no key is needed.",
		Example: "  migrate usage list\n  migrate usage list --live -o json",
		Args:    noArguments,
		RunE: a.asRunE(func(ctx context.Context, _ []string) error {
			return a.withLedger(ctx, state, func(store ledger.Ledger, _ string) error {
				runs, err := usageRuns(ctx, store, testMode, live)
				switch {
				case err != nil:
					return err
				case !a.textMode():
					return a.printJSON(runs)
				case len(runs) == 0:
					a.say("No runs of usage yet. Next: %s", a.commandLine(state, "usage", "run", "--sandbox", "FILE"))
					return nil
				}
				return a.showUsageRuns(runs, state)
			})
		}),
	}
	a.outputFlag(cmd, formatText, formatJSON)
	state.add(cmd)
	cmd.Flags().BoolVar(&testMode, "sandbox", false, "only runs that are not in live mode")
	cmd.Flags().BoolVar(&live, "live", false, "only runs in live mode")
	cmd.MarkFlagsMutuallyExclusive("sandbox", "live")
	return cmd
}

// usageRuns reads how all runs of usage stand, or those of one mode, newest first.
func usageRuns(ctx context.Context, store ledger.Usage, testMode, live bool) ([]*usage.Summary, error) {
	runs, err := store.UsageRuns(ctx)
	if err != nil {
		return nil, err
	}
	all := []*usage.Summary{}
	for _, r := range runs {
		if testMode && r.Livemode || live && !r.Livemode {
			continue
		}
		one, err := usage.Status(ctx, store, r.ID)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}

// showUsageRuns prints runs as a table, and the next command.
func (a *app) showUsageRuns(runs []*usage.Summary, state stateFlag) error {
	t := tabwriter.NewWriter(a.stdout(), 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "SENT\tFILE\tID\tEVENTS\tSTATUS\tACCOUNT")
	for _, o := range runs {
		events := fmt.Sprint(o.Events)
		if o.Sent != o.Events { // others were sent by earlier runs, do not count, or wait
			events = fmt.Sprintf("%d of %d", o.Sent, o.Events)
		}
		status := map[bool]string{true: "sent", false: "not finished"}[o.Status == string(ledger.UsageDone)]
		for _, c := range []count{{"refused", o.Refused, ""}, {"rejected", o.Rejected, ""}, {"unknown", o.Unknown, ""}, {"retracted", o.Retracted, ""}} {
			if c.n > 0 {
				status += fmt.Sprintf(", %d %s", c.n, c.name)
			}
		}
		mode := map[bool]string{true: "live mode", false: "test mode"}[o.Livemode]
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s (%s)\n", o.CreatedAt.In(a.env.Zone).Format("2006-01-02 15:04"), o.File, o.ID, events, status, o.Account, mode)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	a.say("Next: %s", a.commandLine(state, "usage", "status", runs[0].ID))
	return nil
}
