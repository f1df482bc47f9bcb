package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/sandbox"
	"github.com/subferry/subferry/migrate/usage"
	"github.com/subferry/subferry/validate"
	"github.com/subferry/subferry/validate/report"
	judge "github.com/subferry/subferry/validate/usage"
)

// usageOptions are those of package usage, whose name is that of the command here.
type usageOptions = usage.Options

func loadZone(name string) (*time.Location, error) {
	if name == "" {
		return nil, nil
	}
	return time.LoadLocation(name)
}

// usageRunFlags are the flags of migrate usage run and resume.
type usageRunFlags struct {
	session  sessionFlags
	file     usageFileFlags
	stream   bool
	data     string
	assume   string
	rejected bool
}

// addSettling adds the flags that say what becomes of events with a past.
func (f *usageRunFlags) addSettling(cmd *cobra.Command) {
	names := []string{string(usage.AssumeSent), string(usage.AssumeUnsent)}
	cmd.Flags().Var(&enumFlag{names: names, set: func(name string) { f.assume = name }, current: func() string { return f.assume }}, "assume",
		"what is true of events that were begun more than a day ago and of which the meter's sums do not tell")
	complete(cmd, "assume", names)
	cmd.Flags().BoolVar(&f.rejected, "rejected", false, "send again what an error report has named")
}

// usageRunCommand sends a file of usage.
func (a *app) usageRunCommand() *cobra.Command {
	var f usageRunFlags
	cmd := &cobra.Command{
		Use:   "run FILE",
		Short: "Validate, review and confirm a file of usage, then send each row once",
		Long: `Validates the file, asks the account about its meters and customers, and shows a review. Then it sends one event for each
row that the ledger does not know to be sent. Rows with errors stop the run before anything is sent.

However a run ended, the same command goes on: events of unknown outcome are sent again under the same identifiers within
a day; later it is looked up first what the meter has counted. Days and weeks later it sends nothing twice, and says so.

The key decides where it works, as for migrate run. One call at a time is made for each customer and meter; how fast the
account lets itself be written to is found out. --stream sends batches of 100 by Stripe's stream of meter events, which
exists in live mode only.`,
		Example: `  migrate usage run --sandbox usage.csv
  STRIPE_API_KEY=sk_test_… migrate usage run --customers map.csv usage.csv
  STRIPE_API_KEY_FILE=key.txt migrate usage run --live --stream --confirm acct_… usage.csv`,
		Args: oneArgument("FILE"),
		RunE: a.asRunE(func(ctx context.Context, args []string) error { return a.usageRun(ctx, args[0], f) }),
	}
	a.outputFlag(cmd, formatText, formatJSON)
	f.session.add(cmd)
	f.file.add(cmd)
	f.addSettling(cmd)
	cmd.Flags().BoolVar(&f.stream, "stream", false, "send by the stream of meter events (live mode only)")
	cmd.Flags().StringVar(&f.data, "sandbox-data", "", "take `FILE` (JSON) for the embedded sandbox's account, instead of making up what the file names")
	return cmd
}

// usageResumeCommand goes on with a run.
func (a *app) usageResumeCommand() *cobra.Command {
	var f usageRunFlags
	cmd := &cobra.Command{
		Use:   "resume ID",
		Short: "Go on with a run of usage that was interrupted",
		Long: `Goes on with a run: reads the same file the same way and sends what the ledger does not know to be sent. The file must be
where it was, and as it was.`,
		Example: "  migrate usage resume use_…\n  migrate usage resume --assume sent use_…",
		Args:    oneArgument("ID"),
		RunE: a.asRunE(func(ctx context.Context, args []string) error {
			return a.withUsageRun(ctx, args[0], f.session, func(s *usageSession, run ledger.UsageRun) error {
				in, o, err := s.runner.Reopen(ctx, run)
				if errors.Is(err, migrate.ErrChanged) {
					err = &withSuggestions{fmt.Errorf("%w for %s: restore it, or run it as it is now", err, run.ID), []suggestion{
						{"send what is not sent yet of the file as it is now", s.fileCommand("usage", "run", fileWord(run.Path))}}}
				}
				if err != nil {
					return err
				}
				return s.run(ctx, in, o, f)
			})
		}),
	}
	a.outputFlag(cmd, formatText, formatJSON)
	f.session.add(cmd)
	f.addSettling(cmd)
	return cmd
}

func (a *app) usageRun(ctx context.Context, path string, f usageRunFlags) error {
	if path == "-" {
		return rereadable(path)
	}
	o, err := f.file.options()
	if err != nil {
		return err
	}
	o.Stream = f.stream
	if f.data != "" && !f.session.mode.live && f.session.mode.apiBase == "" && a.env.getenv(keyVariable) == "" && a.env.getenv(keyFileVariable) == "" {
		f.session.mode.sandbox = true
	}
	if f.stream {
		switch t, err := a.target(f.session.mode); {
		case err != nil:
			return err
		case t.place != liveMode:
			return usage.ErrStream
		}
	}
	if err := rereadable(path); err != nil {
		return err
	}
	return a.withUsage(ctx, f.session, f.data, func(s *usageSession) error {
		in := migrate.FileInput(path)
		if s.target.place == embedded && f.data == "" {
			if err := s.provisionUsage(ctx, in, o); err != nil {
				return err
			}
		}
		return s.run(ctx, in, o, f)
	})
}

// provisionUsage gives the embedded sandbox the customers and meters that a file names.
func (s *usageSession) provisionUsage(ctx context.Context, in migrate.Input, o usage.Options) error {
	f, err := in.Open()
	if err != nil {
		return unreadable(in.Name, err)
	}
	defer f.Close()
	reading := judge.Options{Now: s.clock.Now(), AllowDecimals: o.AllowDecimals, Sheet: o.Sheet, Customers: o.Customers}
	reading.Zone, _ = loadZone(o.Zone) // it was checked
	customers, meters := map[string]bool{}, map[string]bool{}
	if _, err := judge.Each(ctx, in.Name, struct{ io.Reader }{f}, reading, func(_ *csvspec.Row, found validate.Findings, e *judge.Event) error {
		// A row with errors names its customer and meter all the same: that those are missing would be said of it as well.
		faulty := map[string]bool{}
		for _, f := range found {
			faulty[f.Column] = faulty[f.Column] || f.Severity == validate.Error
		}
		if e.Customer != "" && !faulty[judge.PayloadPrefix+judge.DefaultCustomerKey] {
			customers[e.Customer] = true
		}
		if e.Meter != "" && !faulty[judge.ColumnEventName] {
			meters[e.Meter] = true
		}
		return nil
	}); err != nil {
		return err
	}
	made, err := s.sandbox.Provision(sandbox.Wanted{Customers: slices.Sorted(maps.Keys(customers)), Meters: slices.Sorted(maps.Keys(meters))})
	if err == nil && made.Count() > 0 {
		var what []string
		for _, one := range []struct {
			n    int
			name string
		}{{len(made.Customers), "customer"}, {len(made.Meters), "meter"}} {
			if one.n > 0 {
				what = append(what, plural(one.n, one.name))
			}
		}
		s.say("Sandbox: made up what the file names and the sandbox lacked: %s. A meter made up sums values.", strings.Join(what, ", "))
	}
	return err
}

// run reviews the file, asks, and sends.
func (s *usageSession) run(ctx context.Context, in migrate.Input, o usage.Options, f usageRunFlags) error {
	o.Rejected = usage.Again(f.rejected)
	looking, release := s.abortable(ctx)
	review, err := s.runner.Review(looking, in, o)
	release()
	var invalid *usage.InvalidError
	if errors.As(err, &invalid) {
		return s.refuseUsage(invalid)
	}
	if err != nil {
		return err
	}
	s.showUsageReview(review)
	if review.Ready > 0 {
		if err := s.confirm(ctx, review.Account.ID, "Send"); err != nil {
			return err
		}
	}
	ctx, stop, done := s.stoppable(ctx)
	hide := s.progress.start("Sending")
	summary, failure := s.runner.Run(ctx, review, usage.RunOptions{Stop: stop, Assume: usage.Assumption(f.assume)})
	hide()
	done()
	if summary == nil {
		return failure
	}
	return s.printUsage(summary, failure)
}

// showUsageReview prints what would be sent.
func (s *usageSession) showUsageReview(v *usage.Review) {
	s.say("%s", s.bold("Review of "+v.Input.Name))
	s.say("  account     %s, %s", v.Account.ID, s.target.words())
	s.sayLedger()
	events := fmt.Sprintf("%d: %d to send, %d sent before", v.Report.Rows, v.Ready, v.Sent)
	if v.Retracted > 0 {
		events += fmt.Sprintf(", %d taken back (to send them after all, give their rows other identifiers)", v.Retracted)
	}
	if v.Rejected > 0 {
		events += fmt.Sprintf(", %d named by an error report (--rejected sends them again)", v.Rejected)
	}
	s.say("  events      %s", events)
	s.say("  customers   %d", v.Report.Customers)
	s.say("  times       %s to %s", s.when(v.First.Time()), s.when(v.Last.Time()))
	for _, m := range v.Meters {
		s.say("  meter       %s (%s): %s, values of %s, which the meter aggregates by %s", m.EventName, m.ID, plural(int(m.Events), "event"), m.Sum, m.Formula)
	}
	if v.Warnings > 0 {
		s.say("  warnings    %d: migrate usage validate shows them", v.Warnings)
	}
	if v.Ready > 0 {
		s.say("Sends %s. For 24 hours after that, migrate usage retract takes them back; an invoice that is finalized never changes.", plural(int(v.Ready), "event"))
	}
}

// refuseUsage shows why a file is not sent.
func (s *usageSession) refuseUsage(why *usage.InvalidError) error {
	if !s.textMode() {
		if err := s.printJSON(struct {
			Error  *errorJSON `json:"error"`
			Report any        `json:"validation"`
		}{s.errorJSON(why), why.Report}); err != nil {
			return errors.Join(why, err)
		}
		return &alreadyPrinted{why}
	}
	options := s.textOptions(defaultLimit, nil)
	options.Rules = judge.Rules()
	if err := report.NewText(s.stdout(), options).Close(why.Report); err != nil {
		return errors.Join(why, err)
	}
	s.say("\nNext: correct the file and run the same command again.")
	return &alreadyPrinted{why}
}

// usageOutcome is what came of a run: what JSON mode prints.
type usageOutcome struct {
	*usage.Summary
	Error *errorJSON `json:"error,omitempty"`
}

// printUsage prints what came of a run and the next command, and returns why it is not all well.
func (s *usageSession) printUsage(o *usage.Summary, failure error) error {
	if failure != nil && o.Status == string(ledger.UsageInProgress) && !as[*usage.UnsettledError](failure) {
		failure = &partlyDone{failure}
	}
	if !s.textMode() {
		return joined(asPrinted(failure), s.printJSON(usageOutcome{o, s.errorJSON(failure)}))
	}
	s.showUsage(o)
	if failure == nil && o.SentNow == 0 && o.SentBefore > 0 {
		s.say("All %s were sent before, the last of them %s: nothing was sent again.", plural(int(o.SentBefore), "event"), s.when(o.SettledAt))
	}
	switch {
	case o.Refused > 0 && o.Status == string(ledger.UsageDone):
		s.say("To list the refused events: %s", s.commandLine(s.flags.state, "usage", "report", o.ID))
	case o.Status == string(ledger.UsageDone):
		s.say("Next: %s compares it with what Stripe has counted, some minutes from now", s.usageLine("reconcile", o.ID))
	default:
		s.say("Next: %s", s.usageLine("resume", o.ID))
	}
	if failure == nil && o.SentNow > 0 {
		s.say("Undo: %s", s.usageLine("retract", o.ID, "--all"))
	}
	return asPrinted(failure)
}

// showUsage prints how a run stands.
func (a *app) showUsage(o *usage.Summary) {
	mode := "test mode"
	if o.Livemode {
		mode = "live mode"
	}
	status := map[string]string{string(ledger.UsageInProgress): "not finished: the same command, or resume, sends the rest", string(ledger.UsageDone): "sent"}[o.Status]
	a.print("run         %s\nstatus      %s\nfile        %s, %s\naccount     %s, %s\nsent        %d\n", o.ID, status, o.File, plural(int(o.Events), "event"), o.Account, mode, o.Sent)
	if name := a.ledgerName(); name != "" {
		a.print("ledger      %s\n", name)
	}
	for _, c := range []count{
		{"now", o.SentNow, " (by this command)"}, {"before", o.SentBefore, " (by earlier commands; not sent again)"}, {"refused", o.Refused, " (Stripe said no; they do not count)"},
		{"elsewhere", o.Elsewhere, " (Stripe has had these identifiers from another computer or program; not sent again)"},
		{"not sent", o.NotSent, " (begun, and certainly not taken: the next command sends them)"},
		{"rejected", o.Rejected, " (named by an error report; they do not count)"}, {"unknown", o.Unknown, " (begun, without an answer yet: the next command finds out)"},
		{"retracted", o.Retracted, ""},
	} {
		if c.n > 0 {
			a.print("%-11s %d%s\n", c.name, c.n, c.note)
		}
	}
}
