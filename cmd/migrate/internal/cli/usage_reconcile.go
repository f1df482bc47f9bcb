package cli

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/serve/store"
	"github.com/subferry/subferry/migrate/usage"
)

// usageReconcileCommand compares a run with what Stripe has counted.
func (a *app) usageReconcileCommand() *cobra.Command {
	var f sessionFlags
	var events []string
	var limit int
	cmd := &cobra.Command{
		Use:   "reconcile ID",
		Short: "Compare what was sent with what the meters have counted, and collect error reports",
		Long: `Compares, for each customer, meter and hour in which the run has events, the sum of what this computer has sent with what
the meter has counted, and lists the differences. Error reports, by which Stripe tells later that it has dropped events, are
taken from the account's list of events, from the webhooks that migrate serve has taken, and from files with the bodies of
webhooks (--events); the events that they name are recorded as rejected. A report names samples only, so that the sums count.

Exits with 6 when something differs, or when the run is not finished. Give Stripe some minutes to count first. Nothing is changed in Stripe.`,
		Example: `  migrate usage reconcile use_…
  migrate usage reconcile --events webhooks.json -o json use_…`,
		Args: oneArgument("ID"),
		RunE: a.asRunE(func(ctx context.Context, args []string) error {
			var extra []usage.ErrorReport
			for _, name := range events {
				in, err := os.Open(name)
				if err != nil {
					return unreadable(name, err)
				}
				some, err := usage.ReadReports(in)
				if err = joined(err, in.Close()); err != nil {
					return &invalidFile{name + ": " + err.Error()}
				}
				extra = append(extra, some...)
			}
			return a.withUsageRun(ctx, args[0], f, func(s *usageSession, run ledger.UsageRun) error {
				ctx, release := s.abortable(ctx)
				defer release()
				hide := s.progress.start("Comparing")
				brought, err := s.broughtReports(ctx, f.state, run)
				if err != nil {
					hide()
					return err
				}
				r, err := s.runner.Reconcile(ctx, run, append(extra, brought...))
				hide()
				if err != nil {
					return err
				}
				return s.printReconciled(r, limit)
			})
		}),
	}
	a.outputFlag(cmd, formatText, formatJSON)
	f.addReading(cmd)
	cmd.Flags().StringArrayVar(&events, "events", nil, "also take error reports from `FILE`, which holds events of webhooks as JSON (repeatable)")
	cmd.Flags().IntVar(&limit, "limit", defaultLimit, "show at most `N` differences as text (0 shows all)")
	return cmd
}

// broughtReports returns the error reports that webhooks have brought to a service since a run began.
func (s *usageSession) broughtReports(ctx context.Context, state stateFlag, run ledger.UsageRun) (all []usage.ErrorReport, err error) {
	err = s.ifService(ctx, state, func(kept *store.Store) error {
		since := csvspec.At(run.CreatedAt.Time().Add(-time.Hour))
		events, err := kept.EventsOf(ctx, store.EventAccount{Account: run.Account, Livemode: run.Livemode}, since, usage.ReportTypes()...)
		for _, e := range events {
			some, err := usage.ReadReports(bytes.NewReader(e.Raw))
			if err != nil { // those of the newer kind come without their content, which the account's list has
				s.say("%v; the account's own list of events is asked.", err)
			}
			all = append(all, some...)
		}
		return err
	})
	return all, err
}

// reconcileOutcome is what JSON mode prints.
type reconcileOutcome struct {
	*usage.Reconciliation
	Error *errorJSON `json:"error,omitempty"`
}

// printReconciled prints the differences.
func (s *usageSession) printReconciled(r *usage.Reconciliation, limit int) error {
	var failure error
	switch {
	case len(r.Differences)+len(r.Reports) > 0:
		failure = &differencesError{fmt.Sprintf("%d of %s of a customer, meter and hour differ, and %s of dropped events", len(r.Differences), plural(int(r.Compared), "sum"), plural(len(r.Reports), "error report"))}
	case !r.Finished:
		failure = &withSuggestions{&differencesError{"what was sent was counted, but the run is not finished: rows of its file were not sent"}, []suggestion{{"send them", s.usageLine("resume", r.ID)}}}
	}
	if !s.textMode() {
		return joined(asPrinted(failure), s.printJSON(reconcileOutcome{r, s.errorJSON(failure)}))
	}
	s.print("run         %s\nevents      %d that should count\ncompared    %d sums, each of a customer, meter and hour\ndifferent   %d\n", r.ID, r.Events, r.Compared, len(r.Differences))
	if len(r.Reports) > 0 {
		s.print("reports     %d, which name %d events of the run\n", len(r.Reports), r.Rejected)
	}
	for i, d := range r.Differences {
		if i == limit && limit > 0 {
			s.print("… and %d more; --limit 0 shows all\n", len(r.Differences)-limit)
			break
		}
		s.print("%s %s %s: sent %s, counted %s: %s\n", d.Customer, d.Meter, s.when(d.Start), d.Sent, d.Stripe, d.Meaning)
	}
	for _, one := range r.Reports {
		s.print("%s: %d events were dropped (%s): %s\n", one.Code, one.Count, one.Event, one.Remedy)
		for _, sample := range one.Samples {
			if sample.Line > 0 {
				s.print("  line %d, %s: %s\n", sample.Line, sample.Identifier, sample.Message)
			} else {
				s.print("  %s (not of this run): %s\n", sample.Identifier, sample.Message)
			}
		}
	}
	if failure == nil {
		s.say("Stripe has counted what was sent.")
	}
	return asPrinted(failure)
}
