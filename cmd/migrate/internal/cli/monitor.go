package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/monitor"
)

// monitorFlags are the flags of migrate monitor.
type monitorFlags struct {
	session sessionFlags
	watch   bool
	every   time.Duration
	limit   int
}

// monitorCommand watches the first payments.
func (a *app) monitorCommand() *cobra.Command {
	var f monitorFlags
	cmd := &cobra.Command{
		Use:   "monitor ID",
		Short: "Watch the first payments after go-live: paid, declined and why, open, past due",
		Long: `Asks Stripe what became of the first invoice of every row that is live: paid, open, past due, uncollectible, void, a draft, or
declined, with Stripe's decline code and whether trying again may help; or that the customer has no payment method. First
the counts, then the rows that somebody has to look at, with a sentence each; the exit code is 6 when there are any.
An invoice over nothing, of a trial, does not count. Nothing is changed.`,
		Example: `  migrate monitor mig_…
  migrate monitor --watch mig_…                 every minute, until every row is settled
  migrate monitor -o html mig_… > first.html    a page for those who call the customers
  migrate monitor -o csv mig_… > first.csv`,
		Args: oneArgument("ID"), ValidArgsFunction: a.completeIDs(&f.session.state),
		RunE: a.asRunE(func(ctx context.Context, args []string) error {
			if f.limit < 0 || f.every <= 0 {
				return &usageError{"--limit must not be negative, and --every must be more than 0"}
			}
			if f.watch && (a.output == formatHTML || a.output == formatCSV) {
				return &usageError{"--watch shows changes as text or JSON"}
			}
			return a.withLedger(ctx, f.session.state, func(store ledger.Ledger, dir string) error {
				return a.withMigration(ctx, args[0], f.session, store, dir, func(s *session, m ledger.Migration) error { return s.monitor(ctx, m, f) })
			})
		}),
	}
	a.outputFlag(cmd, formatText, formatJSON, formatCSV, formatHTML)
	f.session.addReading(cmd)
	flags := cmd.Flags()
	flags.BoolVar(&f.watch, "watch", false, "look again and again, and show every change, until every row is settled (as JSON: one object a line)")
	flags.DurationVar(&f.every, "every", time.Minute, "with --watch: how often to look")
	flags.IntVar(&f.limit, "limit", 20, "show at most `N` rows as text (0 shows all)")
	return cmd
}

// monitor looks once, or again and again.
func (s *session) monitor(ctx context.Context, m ledger.Migration, f monitorFlags) error {
	ctx, release := s.abortable(ctx)
	defer release()
	look := monitor.New(monitor.Config{Migrator: s.migrator, Reader: s.gateway, Ledger: s.ledger, Clock: s.clock})
	r, err := look.Look(ctx, m.ID)
	if err != nil {
		return err
	}
	for last := ""; f.watch; {
		if now := countsOf(r); now != last {
			if err := s.showMonitorChange(r); err != nil {
				return err
			}
			last = now
		}
		if r.Waiting == 0 {
			break
		}
		if err := s.clock.Sleep(ctx, f.every); err != nil {
			return err
		}
		if r, err = look.Look(ctx, m.ID); err != nil {
			return err
		}
	}
	return s.printMonitored(r, f)
}

// monitorOutcome is what became of first invoices: what JSON mode prints.
type monitorOutcome struct {
	*monitor.Result
	Error *errorJSON `json:"error,omitempty"`
}

// printMonitored prints what was found, and returns why it is not all well.
func (s *session) printMonitored(r *monitor.Result, f monitorFlags) error {
	var failure error
	if r.Problems > 0 {
		failure = &differencesError{fmt.Sprintf("%s somebody has to look at", map[bool]string{true: "1 row that", false: fmt.Sprintf("%d rows that", r.Problems)}[r.Problems == 1])}
	}
	switch {
	case s.output == formatJSON && f.watch: // the last change has shown it
		return asPrinted(failure)
	case s.output == formatJSON:
		return joined(asPrinted(failure), s.printJSON(monitorOutcome{r, s.errorJSON(failure)}))
	case s.output == formatCSV:
		return joined(asPrinted(failure), r.WriteCSV(s.stdout()))
	case s.output == formatHTML:
		return joined(asPrinted(failure), r.WriteHTML(s.stdout()))
	}
	s.print("migration   %s\nas of       %s\nrows        %d\n", r.ID, r.At, r.Rows)
	for _, state := range monitor.States() {
		if n := r.Counts[state]; n > 0 {
			s.print("%-18s %d\n", monitor.Words(state), n)
		}
	}
	for _, d := range r.Declines {
		s.print("declined with %s: %d, %s\n", d.Code, d.Rows, map[bool]string{true: "trying again may help", false: "trying again does not help"}[d.Retryable])
	}
	for i, l := range r.Lines {
		if !l.State.Problem() {
			break
		}
		if f.limit > 0 && i == f.limit {
			s.print("… and %d more; --limit 0 shows all\n", r.Problems-int64(i))
			break
		}
		s.print("line %d (row %d), %s, %s: %s\n  %s\n", l.Line, l.Row, l.Customer, l.InvoiceID, monitor.Words(l.State), l.Sentence)
	}
	if r.Waiting > 0 && !f.watch {
		s.say("Not settled yet: %s. To watch: %s", plural(r.Waiting, "row"), s.migrationCommand("monitor", "--watch", r.ID))
	}
	return asPrinted(failure)
}

// countsOf writes how many rows are in which state.
func countsOf(r *monitor.Result) (text string) {
	for _, state := range monitor.States() {
		if n := r.Counts[state]; n > 0 {
			text += fmt.Sprintf(", %d %s", n, monitor.Words(state))
		}
	}
	return text
}

// showMonitorChange shows a change in one line.
func (s *session) showMonitorChange(r *monitor.Result) error {
	if s.textMode() {
		s.print("%s  %d rows%s\n", s.clock.Now().In(s.env.Zone).Format("2 Jan 15:04:05"), r.Rows, countsOf(r))
		return nil
	}
	e := json.NewEncoder(s.stdout())
	e.SetEscapeHTML(false)
	return errors.Join(e.Encode(monitorOutcome{Result: r}))
}
