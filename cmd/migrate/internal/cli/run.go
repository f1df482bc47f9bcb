package cli

import (
	"context"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/subferry/subferry/validate"
)

// runFlags are the flags of migrate run.
type runFlags struct {
	session     sessionFlags
	file        fileFlags
	limits      limitFlags
	sandboxData string
	skipInvalid bool
	customers   customerFlag
	scheduled   scheduledFlags
	canary      int64
	preflight   preflightFlags
	given       func(flag string) bool // tells whether a flag was given on the command line
}

// limitFlags say when a run ends early, and how many direct subscriptions it is meant to create.
type limitFlags struct {
	stopAfterFailures int64
	directCount       directCountFlag
}

// directCountFlag is how many direct subscriptions are meant to exist at once.
type directCountFlag struct {
	set   bool
	count int64
}

func (f *limitFlags) add(cmd *cobra.Command) {
	cmd.Flags().Func("direct-count", "the `N` direct subscriptions that are meant to exist at once, instead of typing it when asked; when a run goes on, those that exist may be counted or not", func(text string) (err error) {
		f.directCount.set = true
		f.directCount.count, err = strconv.ParseInt(text, 10, 64)
		return err
	})
	cmd.Flags().Int64Var(&f.stopAfterFailures, "stop-after-failures", 0, "end the run when Stripe has refused `N` rows (0 goes on)")
}

// customerFlag says whether customers are looked up. Those of a test mode are often bare, which must not stop a
// rehearsal that has asked for a sandbox's leniency.
type customerFlag struct{ set, value bool }

func (f *customerFlag) add(cmd *cobra.Command, usually string) {
	cmd.Flags().BoolFunc("check-customers", "look up whether the customers exist and can be charged (default: "+usually+")", func(text string) (err error) {
		f.set = true
		f.value, err = strconv.ParseBool(text)
		return err
	})
}

// defaultCheck says when customers are looked up without being asked to.
const defaultCheck = "yes, but not with a test key and --sandbox"

// word returns the flag as it was given, "" when it was not.
func (f customerFlag) word() string {
	if !f.set {
		return ""
	}
	return "--check-customers=" + strconv.FormatBool(f.value)
}

func (f customerFlag) check(t target) bool {
	if f.set {
		return f.value
	}
	return !(t.place == testMode && t.lead == validate.SandboxLead)
}

// checkWords returns the word that makes another command look up the customers, or not, where that is not usual.
func (t target) checkWords(check bool) []string {
	if check == (customerFlag{}).check(t) {
		return nil
	}
	return []string{customerFlag{set: true, value: check}.word()}
}

// scheduledFlags say what becomes of rows whose subscriptions are scheduled already.
type scheduledFlags struct{ skip, again bool }

func (f *scheduledFlags) addSkip(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.skip, "skip-scheduled", false, "leave out rows whose subscriptions are scheduled already, by another file or program")
}

// runCommand migrates a file.
func (a *app) runCommand() *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "run FILE",
		Short: "Validate, review and confirm a file or a plan, then create a schedule for each row",
		Long: `Validates the file, asks the account about what it names, and shows a review: what would happen, to how many,
from when. Then it creates one subscription schedule for each row that is ready. Rows that start too soon are
held back and written to a file of their own; rows with errors stop the run, unless --skip-invalid leaves them out;
so do rows whose subscriptions another file has scheduled already, unless --skip-scheduled leaves those out.

With --direct, rows that a schedule does not express as exactly (an anchor inside the first period, a backdate) become
direct subscriptions: they exist as soon as they are created, before their start date, and their number is asked for.

The key decides where it works, and it must fit what you say:
  no key,   --sandbox   the embedded sandbox: nothing leaves this computer
  test key              Stripe's test mode; --sandbox asks for 1 hour of lead instead of 24
  live key, --live      live mode; asks you to type the account's ID (in scripts: --confirm acct_…)

Ctrl-C once finishes what is in flight, twice aborts. However a run ended, the same command goes on with it and
creates nothing twice. For 10 hours migrate cancel undoes it.

FILE may be a plan that migrate plan FILE --out plan.json has written. Then exactly what it shows is created, or nothing:
the run is refused when the file was edited, the account or its prices are others, a start has come too close, or the
plan is older than 24 hours.`,
		Example: `  migrate run --sandbox subs.csv
  migrate run --sandbox --canary 3 subs.csv        three rows first, the rest with migrate resume
  migrate run --sandbox --direct=needed subs.csv   rows with a prorated anchor as direct subscriptions
  migrate run --sandbox --sandbox-data account.json subs.csv
  migrate run --sandbox plan.json                  what the plan shows, or nothing
  STRIPE_API_KEY=sk_test_… migrate run --amount-unit minor subs.csv
  STRIPE_API_KEY_FILE=key.txt migrate run --live --amount-unit minor --confirm acct_… subs.csv`,
		Args: oneArgument("FILE"),
	}
	cmd.RunE = a.asRunE(func(ctx context.Context, args []string) error {
		f.given = cmd.Flags().Changed
		return a.run(ctx, args[0], f)
	})
	a.outputFlag(cmd, formatText, formatJSON)
	f.session.add(cmd)
	f.file.add(cmd)
	f.limits.add(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.sandboxData, "sandbox-data", "", "take `FILE` (JSON) for the embedded sandbox's account, instead of making up what the file names")
	flags.BoolVar(&f.skipInvalid, "skip-invalid", false, "leave out rows with errors and run the others")
	f.customers.add(cmd, defaultCheck)
	f.preflight.add(cmd)
	f.scheduled.addSkip(cmd)
	flags.BoolVar(&f.scheduled.again, "again", false, "run a file, or rows, that this account has had before: their subscriptions a second time")
	flags.Int64Var(&f.canary, "canary", 0, "schedule only `N` rows, chosen to stand for all, and stop")
	return cmd
}

func (f runFlags) check() error {
	switch {
	case f.canary < 0:
		return &usageError{"--canary must not be negative"}
	case f.limits.stopAfterFailures < 0:
		return &usageError{"--stop-after-failures must not be negative"}
	}
	if err := f.file.check(); err != nil {
		return err
	}
	if err := f.preflight.check(); err != nil {
		return err
	}
	return f.session.check()
}

func (a *app) run(ctx context.Context, path string, f runFlags) error {
	if err := f.check(); err != nil {
		return err
	}
	f.infer(a)
	t, err := a.targetFor(path, f)
	if err != nil {
		return err
	}
	planned, err := planAt(path)
	if err != nil {
		return err
	}
	if planned != nil {
		for _, flag := range []string{"amount-unit", "allow-column", "sheet", "margin", "direct", "skip-invalid", "skip-scheduled", "check-customers", "sandbox-data"} {
			if f.given(flag) { // how a file is read is said by the plan
				return &usageError{"--" + flag + " does not go with a plan, which was made with flags of its own: leave it out, or make a new plan with it"}
			}
		}
	}
	return a.withFileSession(ctx, path, f, t, planned, func(w *fileSession) error { return w.run(ctx) })
}

// infer sets --sandbox when an account file is given and nothing else says where to work: it is for the embedded
// sandbox only.
func (f *runFlags) infer(a *app) {
	m := &f.session.mode
	if f.sandboxData != "" && !m.live && m.apiBase == "" && a.env.getenv(keyVariable) == "" && a.env.getenv(keyFileVariable) == "" {
		m.sandbox = true
	}
}

// targetFor returns the target of a command on a file, and refuses a file that cannot be read twice.
func (a *app) targetFor(path string, f runFlags) (target, error) {
	if path == "-" {
		return target{}, rereadable(path)
	}
	t, err := a.target(f.session.mode)
	if err != nil {
		return t, err
	}
	if f.sandboxData != "" && t.place != embedded {
		return t, &refusal{"sandbox_data_against_stripe", "--sandbox-data is for the embedded sandbox, and the key leads to " + t.words() + ": unset " + keyVariable + ", or leave it out"}
	}
	return t, rereadable(path)
}
