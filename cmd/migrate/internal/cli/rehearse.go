package cli

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/rehearse"
	"github.com/subferry/subferry/migrate/rehearse/report"
	"github.com/subferry/subferry/validate"
)

// differencesError is the error of a rehearsal that shows something else than was forecast, or a refused row.
type differencesError struct{ text string }

func (e *differencesError) Error() string { return e.text }

// rehearseFlags are the flags of migrate rehearse.
type rehearseFlags struct {
	file        fileFlags
	sandbox     bool
	sandboxData string
	skipInvalid bool
	skipCheck   bool // the old form of customers
	customers   customerFlag
	until       timeFlag
	now         timeFlag
	zone        zoneFlag
}

// rehearseCommand runs a whole migration offline, through the first months of billing.
func (a *app) rehearseCommand() *cobra.Command {
	var f rehearseFlags
	cmd := &cobra.Command{
		Use:   "rehearse FILE",
		Short: "Migrate a file offline and show every charge of the months that follow",
		Long: `Migrates the file into a sandbox that exists for this one command, exactly as migrate run would, advances the
sandbox's clock through go-live and the months after it, and shows what happened: the charges by day, what failed,
and every row whose invoices are not what was forecast. Nothing is sent anywhere, nothing is kept, no key is needed.

Without --until the clock is advanced until every subscription has renewed twice.

Without --sandbox-data the account is made up: prices of 10.00, customers whose card is good. With it the amounts are
those of your account, and a customer without a good payment method shows as a failure on the day it would be one.

Exits with 3 when the file has errors, with 6 when a row was refused or an invoice is not as forecast. Payments that
fail do not count: that they show is what the rehearsal is for.`,
		Example: `  migrate rehearse subs.csv
  migrate rehearse --sandbox-data account.json --amount-unit minor subs.csv
  migrate rehearse --until 2028-01-01T00:00:00Z -o json subs.csv
  migrate rehearse -o html subs.csv > rehearsal.html   a page with a chart, for finance`,
		Args: oneArgument("FILE"),
		RunE: a.asRunE(func(ctx context.Context, args []string) error { return a.rehearse(ctx, args[0], f) }),
	}
	a.outputFlag(cmd, formatText, formatJSON, formatHTML)
	f.file.add(cmd)
	flags := cmd.Flags()
	flags.Var(&f.until, "until", "rehearse up to this time, RFC 3339 or Unix seconds (default: until every subscription has renewed twice)")
	f.zone.flag(cmd)
	f.now.add(cmd, "begin at this time instead of now, RFC 3339 or Unix seconds")
	flags.BoolVar(&f.sandbox, "sandbox", false, "judge by a sandbox's rules: start dates need 1 hour of lead instead of 24")
	flags.StringVar(&f.sandboxData, "sandbox-data", "", "take `FILE` (JSON) for the account, instead of making up what the file names")
	flags.BoolVar(&f.skipInvalid, "skip-invalid", false, "leave out rows with errors and rehearse the others")
	f.customers.add(cmd, "yes")
	flags.BoolVar(&f.skipCheck, "skip-customer-check", false, "the same as --check-customers=false")
	_ = flags.MarkHidden("skip-customer-check") // which fails only for a flag that does not exist
	return cmd
}

func (a *app) rehearse(ctx context.Context, path string, f rehearseFlags) error {
	if err := f.file.check(); err != nil {
		return err
	}
	if err := rereadable(path); err != nil {
		return err
	}
	if err := notPlan(path); err != nil {
		return err
	}
	ctx, release := a.abortable(ctx)
	defer release()
	now := a.clock(f.now).Now()
	server, err := rehearse.Open(now)
	if err != nil {
		return err
	}
	if f.sandboxData != "" {
		data, _, err := readAccountFile(f.sandboxData)
		if err != nil {
			return errors.Join(err, server.Close())
		}
		if server, err = loadAccountFile(server, f.sandboxData, data); err != nil {
			return err
		}
	}
	s := &session{app: a, flags: sessionFlags{now: f.now}, sandbox: server, clock: clock{now: func() time.Time { return now }}}
	return joined(s.rehearse(ctx, path, f), server.Close())
}

// rehearse rehearses the file in the session's sandbox and shows what happened.
func (s *session) rehearse(ctx context.Context, path string, f rehearseFlags) error {
	c := rehearse.Config{
		Sandbox: s.sandbox, Input: migrate.FileInput(path), Until: f.until.Time, MadeUp: f.sandboxData == "",
		Options: migrate.Options{
			Unit: f.file.unit, AllowColumns: f.file.allow, Sheet: f.file.sheet, Lead: validate.LiveLead, Margin: f.file.margin,
			SkipInvalid: f.skipInvalid, CheckCustomers: !f.skipCheck,
		},
	}
	if f.customers.set {
		c.Options.CheckCustomers = f.customers.value
	}
	if f.sandbox {
		c.Options.Lead = validate.SandboxLead
	}
	if f.sandboxData == "" {
		if err := s.provision(ctx, c.Input, c.Options); err != nil {
			return err
		}
	}
	var charges []report.Charge
	if s.output == formatHTML {
		c.Each = func(r rehearse.Row, inv rehearse.Invoice) {
			if len(charges) < report.MaxCharges {
				charges = append(charges, report.Charge{Row: r, Invoice: inv})
			}
		}
	}
	if s.env.getenv("GOGC") == "" {
		defer debug.SetGCPercent(debug.SetGCPercent(garbage))
	}
	shown := &rehearsalProgress{app: s.app, last: s.env.Now()}
	c.Observe = shown.observe
	r, err := rehearse.Run(ctx, c)
	shown.close()
	w := &fileSession{session: s, options: c.Options, sandboxData: f.sandboxData, rehearses: true, customerCheck: f.customers.word()}
	var invalid *migrate.InvalidFileError
	switch {
	case errors.As(err, &invalid):
		return w.refuseFile(invalid)
	case errors.Is(err, rehearse.ErrNothingLater):
		return &usageError{"--until has to be later than the beginning of the rehearsal, " + s.when(s.clock.Now())}
	case err != nil:
		return err
	}
	switch s.output {
	case formatJSON:
		err = report.JSON(s.stdout(), r)
	case formatHTML:
		err = report.HTML(s.stdout(), r, charges, f.zone.in(s.env))
	default:
		err = report.Text(s.stdout(), r)
	}
	return joined(err, w.concludeRehearsal(r, path, f))
}

// garbage is GOGC, how much garbage may pile up in percent of what is in use, while a rehearsal keeps a whole sandbox
// in memory. Go's own 100 would nearly double what a file of 100,000 rows takes.
const garbage = 30

// concludeRehearsal says what comes next, and fails when the rehearsal shows something that must not go live.
func (w *fileSession) concludeRehearsal(r *rehearse.Rehearsal, path string, f rehearseFlags) error {
	switch {
	case r.Refused > 0:
		return &alreadyPrinted{&differencesError{fmt.Sprintf("%s of %s would be refused by Stripe: correct what the failures say and rehearse it again", plural(r.Refused, "row"), path)}}
	case r.Scheduled == 0:
		return &alreadyPrinted{w.noneReady(r.Review)}
	case r.Differences.Rows > 0:
		return &alreadyPrinted{&differencesError{fmt.Sprintf("the invoices of %s are not as forecast: look at them before anybody is charged, and report them as a defect", plural(r.Differences.Rows, "row"))}}
	}
	if n := r.Failures.Counts[rehearse.PaymentFailed]; n > 0 {
		w.say("%s failed: see to the payment methods before the migration.", plural(n, "payment"))
	}
	words := append([]string{"run", "--sandbox", fileWord(path)}, readingWords(f.file.unit, f.file.allow, f.file.sheet)...)
	if f.skipInvalid {
		words = append(words, "--skip-invalid")
	}
	if f.sandboxData != "" {
		w.say("Next, offline, every charge row by row: %s", w.commandLine(stateFlag{}, append(append([]string{"plan", fileWord(path)},
			readingWords(f.file.unit, f.file.allow, f.file.sheet)...), append([]string{"--sandbox-data", f.sandboxData}, nowWords(f.now)...)...)...))
	}
	w.say("Next, in Stripe's test mode, with %s set to a key of it (sk_test_…): %s", keyVariable, w.commandLine(stateFlag{}, append(words, marginWords(f.file.margin)...)...))
	return nil
}
