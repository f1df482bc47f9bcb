package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/pace"
	"github.com/subferry/subferry/migrate/usage"
	judge "github.com/subferry/subferry/validate/usage"
)

// usageCommand holds the commands about usage of metered subscriptions.
func (a *app) usageCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "usage", Short: "Send usage of metered subscriptions that were moved to billing meters, each event once",
		Long: `Sends the rows of a CSV file to the billing meters of an account, each exactly once: what was sent is kept in the ledger
on this computer, because Stripe forgets the identifiers of events after a day. It is for the usage of subscriptions that
were moved here; for new usage, send events from where it happens.`,
		Args: a.onlySubcommands,
		RunE: func(cmd *cobra.Command, _ []string) error { a.started = true; return cmd.Help() },
	}
	cmd.AddCommand(a.usageTemplateCommand(), a.usageValidateCommand(), a.usageRunCommand(), a.usageResumeCommand(), a.usageStatusCommand(),
		a.usageListCommand(), a.usageReportCommand(), a.usageReconcileCommand(), a.usageRetractCommand())
	return cmd
}

// usageFileFlags say how a file of usage is read.
type usageFileFlags struct {
	decimals  bool
	zone      string
	sheet     string
	customers string
}

func (f *usageFileFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.BoolVar(&f.decimals, "allow-decimals", false, "take values that have a fraction")
	flags.StringVar(&f.zone, "dates", "", "read dates and times without a zone as those of `ZONE`, such as UTC or Europe/Berlin")
	flags.StringVar(&f.sheet, "sheet", "", "read the worksheet `NAME` of an Excel workbook")
	flags.StringVar(&f.customers, "customers", "", "which customer here stands for an ID of the old system: `FILE` is CSV with two columns, old and new, or what migrate report -o csv writes")
}

// words writes the flags as they were given.
func (f *usageFileFlags) words() (all []string) {
	if f.decimals {
		all = append(all, "--allow-decimals")
	}
	for _, one := range [][2]string{{"--dates", f.zone}, {"--sheet", f.sheet}, {"--customers", f.customers}} {
		if one[1] != "" {
			all = append(all, one[0], one[1])
		}
	}
	return all
}

// options reads the map of customers.
func (f *usageFileFlags) options() (o usage.Options, err error) {
	o = usage.Options{AllowDecimals: f.decimals, Zone: f.zone, Sheet: f.sheet}
	if f.zone != "" {
		if _, err := time.LoadLocation(f.zone); err != nil || f.zone == yourZone {
			return o, &usageError{fmt.Sprintf("--dates %s is no time zone: write UTC, or a name such as Europe/Berlin", f.zone)}
		}
	}
	if f.customers == "" {
		return o, nil
	}
	in, err := os.Open(f.customers)
	if err != nil {
		return o, unreadable(f.customers, err)
	}
	defer in.Close()
	if o.Customers, err = judge.ReadCustomers(in); err != nil {
		return o, &invalidFile{f.customers + ": " + err.Error()}
	}
	return o, nil
}

// usageSession is a session with what sends usage.
type usageSession struct {
	*session
	runner *usage.Runner
}

// openUsage opens what sends usage to the account of a session. Events have a limit of their own at Stripe, and so a pace of
// their own here.
func (s *session) openUsage(ctx context.Context) (*usageSession, error) {
	ctx, release := s.abortable(ctx)
	defer release()
	account, err := migrate.Ask(ctx, s.migrator.Until(nil), func() (migrate.Account, error) { return s.gateway.Account(ctx) })
	if err != nil {
		return nil, err
	}
	events := s.config
	events.Pacer = s.limiterOf(account, usageLimit, pace.WriteRate)
	sender, err := migrate.New(events)
	if err != nil {
		return nil, err
	}
	runner := usage.New(usage.Config{
		Gateway: s.gateway, Ledger: s.ledger, Clock: s.clock, Migrator: s.migrator, Sender: sender, Account: account, APIBase: s.target.base,
		Observe: s.progress.observe, Log: s.log,
	})
	return &usageSession{s, runner}, nil
}

// withUsageRun does something with a run of the ledger while its account is open.
func (a *app) withUsageRun(ctx context.Context, id string, f sessionFlags, do func(*usageSession, ledger.UsageRun) error) error {
	if err := f.check(); err != nil {
		return err
	}
	return a.withLedger(ctx, f.state, func(store ledger.Ledger, dir string) error {
		run, err := store.UsageRun(ctx, id)
		if err != nil {
			return a.unknownUsage(ctx, store, err)
		}
		if run.APIBase != "" && f.mode.apiBase == "" {
			return &withSuggestions{&refusal{"wrong_account", id + " was made in an account at " + run.APIBase}, []suggestion{{"go there", a.sameCommand("--api-base", run.APIBase)}}}
		}
		decide := func() (target, error) { return a.target(f.mode) }
		if strings.HasPrefix(run.Account, embeddedAccount) && f.mode.apiBase == "" && !f.mode.live {
			decide = embeddedTarget
		}
		t, err := decide()
		if err != nil {
			return err
		}
		s, err := a.openSession(f, t, store, dir, accountSandbox(run.Account))
		if err != nil {
			return err
		}
		u, err := s.openUsage(ctx)
		if err == nil && (u.runner.Account.ID != run.Account || u.runner.Account.Livemode != run.Livemode) {
			err = &usage.WrongAccountError{Run: run.ID, Want: run.Account, Got: u.runner.Account.ID, Livemode: run.Livemode}
		}
		if err == nil {
			err = do(u, run)
		}
		return joined(err, s.close())
	})
}

// unknownUsage adds to the error of an unknown run the IDs of those that there are. Migrations have commands of their own.
func (a *app) unknownUsage(ctx context.Context, store ledger.Usage, err error) error {
	if errors.Is(err, ledger.ErrNotFound) {
		err = &noSuchUsage{err}
	}
	runs, failure := store.UsageRuns(ctx)
	if failure != nil || len(runs) == 0 {
		return fmt.Errorf("%w; nothing was sent with migrate usage run yet", err)
	}
	var known []string
	for i, r := range runs {
		if i == shownFailures {
			known = append(known, "…")
			break
		}
		known = append(known, r.ID+" ("+r.File+")")
	}
	return fmt.Errorf("%w; the ledger knows %s", err, strings.Join(known, ", "))
}

// noSuchUsage is ledger.ErrNotFound for a run of usage, in its own words.
type noSuchUsage struct{ error }

func (e *noSuchUsage) Error() string {
	return strings.Replace(e.error.Error(), ledger.ErrNotFound.Error(), "no such run of usage", 1)
}

func (e *noSuchUsage) Unwrap() error { return e.error }

// usageLine writes a command on a run, in the same account as this one.
func (s *session) usageLine(command, id string, more ...string) string {
	return s.migrationCommand(append([]string{"usage", command, id}, more...)...)
}
