package cli

import (
	"context"
	"fmt"
	"os"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/ledger/sqlite"
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
	again       bool
	canary      int64
}

// limitFlags say when a run ends early.
type limitFlags struct{ stopAfterFailures int64 }

func (f *limitFlags) add(cmd *cobra.Command) {
	cmd.Flags().Int64Var(&f.stopAfterFailures, "stop-after-failures", 0, "end the run when Stripe has refused so many rows (0 goes on)")
}

// customerFlag says whether customers are looked up. Those of a test mode are often bare, which must not stop a
// rehearsal that has asked for a sandbox's leniency.
type customerFlag struct{ set, value bool }

func (f *customerFlag) add(cmd *cobra.Command) {
	cmd.Flags().BoolFunc("check-customers", "look up whether the customers exist and can be charged (default: yes, but not with a test key and --sandbox)", func(text string) (err error) {
		f.set = true
		f.value, err = strconv.ParseBool(text)
		return err
	})
}

func (f customerFlag) check(t target) bool {
	if f.set {
		return f.value
	}
	return !(t.place == testMode && t.lead == validate.SandboxLead)
}

// runCommand migrates a file.
func (a *app) runCommand() *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "run FILE",
		Short: "Validate, review and confirm a file, then create a schedule for each row",
		Long: `Validates the file, asks the account about what it names, and shows a review: what would happen, to how many,
from when. Then it creates one subscription schedule for each row that is ready. Rows that start too soon are
held back and written to a file of their own; rows with errors stop the run, unless --skip-invalid leaves them out.

The key decides where it works, and it must fit what you say:
  no key,   --sandbox   the embedded sandbox: nothing leaves this computer
  test key              Stripe's test mode; --sandbox asks for 1 hour of lead instead of 24
  live key, --live      live mode; asks you to type the account's ID (in scripts: --confirm acct_…)

Ctrl-C once finishes what is in flight, twice aborts. However a run ended, the same command goes on with it and
creates nothing twice. For 10 hours migrate cancel undoes it.`,
		Example: `  migrate run --sandbox subs.csv
  migrate run --sandbox --canary 3 subs.csv        three rows first, the rest with migrate resume
  migrate run --sandbox --sandbox-data account.json subs.csv
  STRIPE_API_KEY=sk_test_… migrate run --amount-unit minor subs.csv
  STRIPE_API_KEY_FILE=key.txt migrate run --live --amount-unit minor --confirm acct_… subs.csv`,
		Args: cobra.ExactArgs(1),
		RunE: a.does(func(ctx context.Context, args []string) error { return a.run(ctx, args[0], f) }),
	}
	a.outputFlag(cmd, formatText, formatJSON)
	f.session.add(cmd)
	f.file.add(cmd)
	f.limits.add(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.sandboxData, "sandbox-data", "", "JSON file with the embedded sandbox's account, instead of making up what the file names")
	flags.BoolVar(&f.skipInvalid, "skip-invalid", false, "leave out rows with errors and run the others")
	f.customers.add(cmd)
	flags.BoolVar(&f.again, "again", false, "run a file that this account has had before: every subscription a second time")
	flags.Int64Var(&f.canary, "canary", 0, "schedule only so many rows, chosen to stand for all, and stop")
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
	return f.session.check()
}

func (a *app) run(ctx context.Context, path string, f runFlags) error {
	if err := f.check(); err != nil {
		return err
	}
	if path == "-" {
		return &usageError{"run reads the file more than once, which standard input does not allow: save it to a file first"}
	}
	t, err := a.target(f.session.mode)
	if err != nil {
		return err
	}
	if f.sandboxData != "" && t.place != embedded {
		return &refusal{"sandbox_data_against_stripe", "--sandbox-data is for the embedded sandbox, and the key leads to " + t.words() + ": unset " + keyVariable + ", or leave it out"}
	}
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("the file cannot be read: %w", err)
	}
	return a.withLedger(ctx, f.session.state, func(store *sqlite.Store, dir string) error {
		return a.runFile(ctx, path, f, t, store, dir)
	})
}

// runFile runs a file with the ledger open.
func (a *app) runFile(ctx context.Context, path string, f runFlags, t target, store *sqlite.Store, dir string) error {
	find := commonBox
	if f.sandboxData != "" {
		find = dataBox(f.sandboxData)
	}
	s, err := a.open(f.session, t, store, dir, find)
	if err != nil {
		return err
	}
	w := work{
		session: s, input: migrate.FileInput(path), provisions: t.place == embedded && f.sandboxData == "",
		options: migrate.Options{
			Unit: f.file.unit, AllowColumns: f.file.allow, Lead: t.lead, Margin: f.file.margin, SkipInvalid: f.skipInvalid,
			CheckCustomers: f.customers.check(t),
		},
		run: migrate.RunOptions{Again: f.again, Canary: f.canary, StopAfterFailures: f.limits.stopAfterFailures},
	}
	return joined(w.do(ctx), s.close())
}
