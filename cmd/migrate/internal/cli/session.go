package cli

import (
	"bufio"
	"errors"
	"log/slog"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/gateway"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/pace"
	"github.com/subferry/subferry/migrate/sandbox"
)

// sessionFlags are the flags of every command that talks to Stripe, or to what stands in for it.
type sessionFlags struct {
	mode    modeFlags
	state   stateFlag
	now     timeFlag
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
	f.now.add(cmd, "pretend it is this time, RFC 3339 or Unix seconds (embedded sandbox only)")
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
	ledger   ledger.Ledger
	sandbox  *sandbox.Server // the embedded sandbox; nil elsewhere
	clock    clock
	progress *progressView
	migrator *migrate.Migrator
	gateway  *gateway.Gateway // of the migrator
	config   migrate.Config   // of the migrator
	log      *slog.Logger
	closers  []func() error
	stdin    *bufio.Reader // of answers; nil until something is asked
}

// openSession opens what a command on a target needs; the ledger stays the caller's. opener chooses among the embedded
// sandboxes of the state directory.
func (a *app) openSession(f sessionFlags, t target, store ledger.Ledger, dir string, opener sandboxOpener) (*session, error) {
	if !f.now.IsZero() && t.place != embedded { // Stripe has a clock of its own
		return nil, &refusal{"now_against_stripe", "--now works only with the embedded sandbox, because Stripe goes by its own clock: leave --now out, or unset " +
			keyVariable + " and say --sandbox"}
	}
	s := &session{app: a, flags: f, target: t, dir: dir, ledger: store, clock: a.clock(f.now), progress: &progressView{app: a}}
	if err := s.connect(opener); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// connect makes the migrator, with a log when --log names one.
func (s *session) connect(opener sandboxOpener) (err error) {
	log := slog.New(slog.DiscardHandler)
	if s.flags.log != "" {
		f, err := os.OpenFile(s.flags.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return err
		}
		s.closers = append(s.closers, f.Close)
		log = slog.New(slog.NewJSONHandler(f, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	limiter, identified := s.limiter(pace.WriteRate)
	server := gateway.Config{Key: s.target.key, BaseURL: s.target.base, Logger: log, Identified: identified}
	cfg := migrate.Config{
		Ledger: s.ledger, Clock: s.clock, Pacer: limiter, Customers: s.customers(), Log: log, Observe: s.progress.observe,
		APIBase: s.target.base, Asks: s.tellEstimate,
	}
	if s.target.place == embedded {
		if s.sandbox, err = opener(s); err != nil {
			return err
		}
		s.closers = append(s.closers, s.sandbox.Close)
		server.HTTP = s.sandbox.Transport()
		cfg.InFlightTimeout = time.Nanosecond // a request ended with the process that had sent it
	} else {
		outages := s.monitorOutages(log)
		server.Answered, cfg.Attempts = outages.heard, outages.observe
	}
	if s.gateway, err = gateway.New(server); err != nil {
		return err
	}
	cfg.Gateway, s.log = s.gateway, log
	s.config = cfg
	s.migrator, err = migrate.New(cfg)
	return err
}

// tellEstimate says how many requests a look-up takes, when they are so many that it takes long.
func (s *session) tellEstimate(requests int64) {
	if requests > 50 {
		s.say("Asks the account for what the file names, with about %s.", plural(requests, "request"))
	}
}

// close closes everything but the ledger.
func (s *session) close() error {
	var failed []error
	for _, c := range s.closers {
		failed = append(failed, c())
	}
	return errors.Join(failed...)
}
