package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/usage"
)

// usageRetractCommand takes events back.
func (a *app) usageRetractCommand() *cobra.Command {
	var f sessionFlags
	var identifiers []string
	var all bool
	cmd := &cobra.Command{
		Use:   "retract ID",
		Short: "Take events back that were sent within the last 24 hours",
		Long: `Cancels events of a run, by their identifiers or all of them. Stripe allows that for 24 hours after it has received an event.
An event that was taken back cannot be sent again under the same identifier, and an invoice that is finalized does not
change.`,
		Example: "  migrate usage retract --identifier use-17 --identifier use-18 use_…\n  migrate usage retract --all use_…",
		Args:    oneArgument("ID"),
		RunE: a.asRunE(func(ctx context.Context, args []string) error {
			if all == (len(identifiers) > 0) {
				return &usageError{"say which events: --identifier for each, or --all"}
			}
			return a.withUsageRun(ctx, args[0], f, func(s *usageSession, run ledger.UsageRun) error { return s.retract(ctx, run, identifiers) })
		}),
	}
	a.outputFlag(cmd, formatText, formatJSON)
	f.add(cmd)
	cmd.Flags().StringArrayVar(&identifiers, "identifier", nil, "take back the event with this `IDENTIFIER` (repeatable)")
	cmd.Flags().BoolVar(&all, "all", false, "take back all events of the run")
	return cmd
}

// retractOutcome is what JSON mode prints.
type retractOutcome struct {
	*usage.Retraction
	Error *errorJSON `json:"error,omitempty"`
}

// retract asks, and cancels with progress on the screen.
func (s *usageSession) retract(ctx context.Context, run ledger.UsageRun, identifiers []string) error {
	meant, err := s.runner.Retractable(ctx, run, identifiers)
	if err != nil {
		return err
	}
	s.say("%s: takes back %s of %s in %s, %s.", s.bold(run.ID), plural(len(meant.Events), "event"), run.File, run.Account, s.target.words())
	if meant.Late > 0 {
		s.say("Sent more than 24 hours ago, and stay: %s.", plural(int(meant.Late), "event"))
	}
	if meant.Unknown > 0 {
		s.say("Of unknown outcome, and not taken back: %s.", plural(int(meant.Unknown), "event"))
	}
	if len(meant.Events) > 0 {
		if err := s.confirm(ctx, run.Account, "Take back"); err != nil {
			return err
		}
	}
	ctx, stop, done := s.stoppable(ctx)
	hide := s.progress.start("Taking back")
	r, failure := s.runner.Retract(ctx, run, identifiers, stop)
	hide()
	done()
	if r == nil {
		return failure
	}
	switch {
	case failure == nil && r.Failed > 0:
		failure = &rowsFailed{plural(int(r.Failed), "event") + " could not be taken back; they count"}
	case failure != nil:
		failure = &partlyDone{failure}
	case r.Unknown > 0:
		failure = &withSuggestions{&rowsFailed{"of unknown outcome, and counted perhaps: " + plural(int(r.Unknown), "event") + "; find out first, then take back what counts"},
			[]suggestion{{"find out", s.usageLine("resume", run.ID)}}}
	}
	if !s.textMode() {
		return joined(asPrinted(failure), s.printJSON(retractOutcome{r, s.errorJSON(failure)}))
	}
	s.print("run         %s\nretracted   %d\n", r.ID, r.Retracted)
	for _, c := range []count{{"too late", r.TooLate, " (sent more than 24 hours ago; they count)"}, {"failed", r.Failed, ""}, {"unknown", r.Unknown, " (they may count)"}} {
		if c.n > 0 {
			s.print("%-11s %d%s\n", c.name, c.n, c.note)
		}
	}
	for i, one := range r.Failures {
		if i == shownFailures {
			break
		}
		s.print("line %d, %s: %s\n", one.Line, one.Identifier, one.Message)
	}
	return asPrinted(failure)
}
