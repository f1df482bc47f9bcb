package cli

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/gateway"
	"github.com/subferry/subferry/migrate/ledger/sqlite"
	"github.com/subferry/subferry/migrate/pace"
	"github.com/subferry/subferry/migrate/sandbox"
)

// sessionFlags are the flags of every command that talks to Stripe, or to what stands in for it.
type sessionFlags struct {
	mode    modeFlags
	state   stateFlag
	now     moment
	log     string
	maxRate float64
	yes     bool
	confirm string
}

func (f *sessionFlags) add(cmd *cobra.Command) {
	f.addReading(cmd)
	flags := cmd.Flags()
	flags.BoolVar(&f.yes, "yes", false, "do not ask before starting in test mode")
	flags.StringVar(&f.confirm, "confirm", "", "the `ACCOUNT` that is meant (acct_…), instead of typing it when asked")
}

// addReading adds the flags of a command that changes nothing and has nothing to ask.
func (f *sessionFlags) addReading(cmd *cobra.Command) {
	f.mode.add(cmd)
	f.state.add(cmd)
	f.now.flag(cmd, "pretend it is this time, RFC 3339 or Unix seconds (embedded sandbox only)")
	flags := cmd.Flags()
	flags.StringVar(&f.log, "log", "", "append a log as JSON lines to `FILE`; it holds IDs, never keys or personal data")
	flags.Float64Var(&f.maxRate, "max-rate", 0, "send at most `N` requests a second (default: as many as the account allows)")
}

// check refuses values that make no sense.
func (f *sessionFlags) check() error {
	if f.maxRate < 0 {
		return &usageError{"--max-rate must not be negative"}
	}
	return nil
}

// session is a command's connection to its ledger and its account.
type session struct {
	*app
	flags    sessionFlags
	target   target
	dir      string
	ledger   *sqlite.Store
	box      *sandbox.Server // the embedded sandbox; nil elsewhere
	clock    clock
	meter    *meter
	migrator *migrate.Migrator
	closers  []func() error
}

// open opens what a command on a target needs. find chooses among the embedded sandboxes of the state directory.
func (a *app) open(f sessionFlags, t target, store *sqlite.Store, dir string, find finder) (*session, error) {
	if err := refuseNow(t, f.now); err != nil {
		return nil, err
	}
	s := &session{app: a, flags: f, target: t, dir: dir, ledger: store, clock: a.clock(f.now), meter: &meter{app: a}}
	if err := s.connect(find); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// connect makes the migrator.
func (s *session) connect(find finder) error {
	log, err := s.logger()
	if err != nil {
		return err
	}
	cfg := gateway.Config{Key: s.target.key, BaseURL: s.target.base, Logger: log}
	linger, attempts := migrate.DefaultInFlightTimeout, func(migrate.Attempt) {}
	if s.target.place == embedded {
		if s.box, err = find(s); err != nil {
			return err
		}
		s.closers = append(s.closers, s.box.Close)
		cfg.HTTP = s.box.Transport()
		linger = time.Nanosecond // it died with the program that sent to it
	} else {
		lookout := s.lookout(log)
		cfg.Answered, attempts = lookout.heard, lookout.observe
	}
	api, err := gateway.New(cfg)
	if err != nil {
		return err
	}
	s.migrator, err = migrate.New(migrate.Config{
		Gateway: api, Ledger: s.ledger, Clock: s.clock, Pacer: pace.New(s.clock, s.flags.maxRate), Log: log, Observe: s.meter.observe,
		Attempts: attempts, APIBase: s.target.base, InFlightTimeout: linger,
	})
	return err
}

// logger returns the log of --log; without it nothing is logged.
func (s *session) logger() (*slog.Logger, error) {
	if s.flags.log == "" {
		return slog.New(slog.DiscardHandler), nil
	}
	f, err := os.OpenFile(s.flags.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	s.closers = append(s.closers, f.Close)
	return slog.New(slog.NewJSONHandler(f, &slog.HandlerOptions{Level: slog.LevelDebug})), nil
}

// close lets go of everything but the ledger, whose owner closes it.
func (s *session) close() error {
	var failed []error
	for _, c := range s.closers {
		failed = append(failed, c())
	}
	return errors.Join(failed...)
}

// withLedger opens the ledger for the time of a function.
func (a *app) withLedger(ctx context.Context, f stateFlag, do func(store *sqlite.Store, dir string) error) error {
	store, dir, err := a.openLedger(ctx, f)
	if err != nil {
		return err
	}
	return errors.Join(do(store, dir), store.Close())
}
