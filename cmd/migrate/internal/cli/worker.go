package cli

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/serve/accounts"
	"github.com/subferry/subferry/migrate/serve/health"
	"github.com/subferry/subferry/migrate/serve/jobs"
	"github.com/subferry/subferry/migrate/serve/store"
)

// workerFlags are the flags of migrate worker.
type workerFlags struct {
	keys    string
	apiBase string
	sandbox bool
	live    bool
	maxRate float64
	addr    string
	verbose bool
}

// workerCommand works on the jobs of a service.
func (a *app) workerCommand() *cobra.Command {
	var f workerFlags
	cmd := &cobra.Command{
		Use:   "worker",
		Short: "Work on the migrations of migrate serve, beside it and other workers",
		Long: `Works on the jobs of a service (migrate serve) until it is interrupted: reviews of uploaded files, and the requests to
Stripe. Any number of workers, on any machines, share the work in the Postgres database that DATABASE_URL names; they keep
to one rate for each account together, and never create anything twice, whichever of them dies, stops or loses its
connection.

The accounts are those whose keys lie in the directory of --keys, each in a file named after its account (acct_…, or
acct_….test and acct_….live) that only you can read; those of live mode are used only with --live. A worker that has no key
of an account leaves its jobs failed, so give all workers the same keys.

Ctrl-C, or SIGTERM, finishes the requests that are in flight; what is left goes to the other workers, or waits. The log goes
to standard error as JSON lines; it holds IDs, never keys or personal data.`,
		Example: `  DATABASE_URL=postgres://… migrate worker --keys /etc/subferry/keys
  DATABASE_URL=postgres://… migrate worker --keys /etc/subferry/keys --live --addr 127.0.0.1:9090`,
		Args: noArguments,
		RunE: a.asRunE(func(ctx context.Context, _ []string) error { return a.worker(ctx, f) }),
	}
	flags := cmd.Flags()
	flags.StringVar(&f.keys, "keys", "", "the accounts whose keys lie in `DIR`, in files named acct_…")
	flags.StringVar(&f.apiBase, "api-base", "", "work with the server at `URL`, which speaks Stripe's API (https, or http on this machine)")
	flags.BoolVar(&f.sandbox, "sandbox", false, "test keys work with start dates 1 hour ahead")
	flags.BoolVar(&f.live, "live", false, "use the keys of live mode as well: real customers, real money")
	flags.Float64Var(&f.maxRate, "max-rate", 0, "send at most `N` requests a second to each account, all workers together (default: as many as the account allows)")
	flags.StringVar(&f.addr, "addr", "", "answer /healthz, /readyz and /metrics on `ADDRESS`, as in 127.0.0.1:9090")
	flags.BoolVar(&f.verbose, "verbose", false, "log every job")
	return cmd
}

func (f workerFlags) check(database string) error {
	switch {
	case f.maxRate < 0:
		return &usageError{"--max-rate must not be negative"}
	case database == "":
		return &usageError{databaseVariable + " is not set: workers share their work in a Postgres database; set it to the one that migrate serve has " +
			"(postgres://…), or run migrate serve alone, which works by itself"}
	case f.keys == "":
		return &refusal{"no_key", "there is no account to work in: name the directory of keys with --keys DIR, the same as for migrate serve"}
	}
	return nil
}

// workerMemory is what the garbage collector keeps a worker's memory below where it can: a file of a million rows needs
// about two thirds of it, and would be let grow to more.
const workerMemory = 150 << 20

func (a *app) worker(ctx context.Context, f workerFlags) error {
	if err := f.check(a.env.getenv(databaseVariable)); err != nil {
		return err
	}
	if a.env.getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(workerMemory)
	}
	return a.withLedger(ctx, stateFlag{}, func(book ledger.Ledger, _ string) error { return a.workOn(ctx, f, book) })
}

// workOn works until a signal comes; a second one ends what is in flight.
func (a *app) workOn(ctx context.Context, f workerFlags, book ledger.Ledger) (err error) {
	level := slog.LevelInfo
	if f.verbose {
		level = slog.LevelDebug
	}
	log := slog.New(health.Logs(slog.NewJSONHandler(a.env.Stderr, &slog.HandlerOptions{Level: level})))
	kept, err := store.Open(ctx, a.env.getenv(databaseVariable))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, kept.Close()) }()
	meter := health.NewMetrics(a.env.Now)
	c := accounts.Config{
		Ledger: book, Clock: a.clock(timeFlag{}), Log: log, APIBase: f.apiBase, Sandbox: f.sandbox, TestOnly: !f.live, MaxRate: f.maxRate, Watch: meter.Watch,
	}
	keys, err := accounts.NewKeys(ctx, c, f.keys)
	if err != nil {
		return err
	}
	engine, _, err := a.newEngine(ctx, jobs.Config{
		Store: kept, Ledger: book, Accounts: a.withConnected(c, keys, kept), Clock: c.Clock, Log: log, Work: true, Around: meter.Jobs(),
	}, stateFlag{})
	if err != nil {
		return err
	}
	vitals, err := a.vitals(meter, kept, book, engine, f.addr, log)
	if err != nil {
		return errors.Join(err, engine.Stop(ctx))
	}
	server, err := a.serveHealth(vitals, f.addr)
	if err != nil {
		return errors.Join(err, engine.Stop(ctx))
	}
	defer server.Close()
	ctx, stop, release := a.stoppable(ctx)
	defer release()
	if err := engine.Start(ctx); err != nil {
		return errors.Join(err, engine.Stop(ctx))
	}
	a.say("Works on the migrations of %s. Ctrl-C ends it; what is left goes to others, or waits.", kept)
	select {
	case <-stop:
	case <-ctx.Done():
	}
	vitals.Drain()
	return engine.Stop(ctx)
}
