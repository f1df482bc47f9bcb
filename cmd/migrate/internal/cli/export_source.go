package cli

import (
	"fmt"
	"log/slog"
	"os"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/export"
	"github.com/subferry/subferry/migrate/gateway"
	"github.com/subferry/subferry/migrate/pace"
)

// Where the key of the account comes from that is exported: another one than that which subscriptions are created in.
const (
	sourceKeyVariable     = "STRIPE_SOURCE_API_KEY"
	sourceKeyFileVariable = "STRIPE_SOURCE_API_KEY_FILE"
)

// exportMemory is what an export tries to live with.
const exportMemory = 112 << 20

// source is a command's connection to the account that it reads.
type source struct {
	*session
	exporter *export.Exporter
	gateway  *gateway.Gateway
	named    []string // kinds that the command line names
}

// openSource connects to the source account, or to the embedded sandbox in its place.
func (a *app) openSource(f sessionFlags) (*source, error) {
	t, err := a.sourceTarget(f.mode)
	if err != nil {
		return nil, err
	}
	return a.openReading(f, t)
}

// openReading connects to an account that is only read.
func (a *app) openReading(f sessionFlags, t target) (*source, error) {
	if !f.now.IsZero() && t.place != embedded {
		return nil, &refusal{"now_against_stripe", "--now works only with the embedded sandbox, because Stripe goes by its own clock: leave --now out, or unset " +
			sourceKeyVariable + " and say --sandbox"}
	}
	// Under a heavy load the collector would fall behind the pages that come in.
	before := debug.SetMemoryLimit(exportMemory)
	s := &source{session: &session{app: a, flags: f, target: t, clock: a.clock(f.now), progress: &progressView{app: a}}, named: a.env.Args}
	s.closers = append(s.closers, func() error { debug.SetMemoryLimit(before); return nil })
	log := slog.New(slog.DiscardHandler)
	if f.log != "" {
		file, err := os.OpenFile(f.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return nil, joined(err, s.close())
		}
		s.closers = append(s.closers, file.Close)
		log = slog.New(slog.NewJSONHandler(file, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	cfg := gateway.Config{Key: t.key, BaseURL: t.base, Logger: log}
	attempts := func(migrate.Attempt) {}
	if t.place == embedded {
		var err error
		if s.dir, err = a.stateDir(f.state); err == nil {
			s.sandbox, err = openCommonSandbox(s.session)
		}
		if err != nil {
			return nil, joined(err, s.close())
		}
		s.closers = append(s.closers, s.sandbox.Close)
		cfg.HTTP = s.sandbox.Transport()
	} else {
		outages := s.monitorOutages(log)
		cfg.Answered, attempts = outages.heard, outages.observe
	}
	var err error
	if s.gateway, err = gateway.New(cfg); err != nil {
		return nil, joined(err, s.close())
	}
	s.exporter = export.New(export.Config{
		Source: s.gateway, Pacer: pace.NewFrom(s.clock, pace.ReadRate, f.maxRate), Clock: s.clock, Livemode: t.key.Livemode(),
		APIVersion: gateway.APIVersion, Observe: s.observeExport, Attempts: attempts,
	})
	return s, nil
}

// observeExport shows the progress of an export.
func (s *source) observeExport(p export.Progress) {
	s.progress.observe(migrate.Progress{Done: p.Objects, Total: p.Expected, Retries: p.Retries, Rate: p.Rate, Limited: p.Limited})
}

// sourceTarget decides which account is read, by what was said and by the key.
func (a *app) sourceTarget(f modeFlags) (target, error) {
	key, err := a.keyOf(sourceKeyVariable, sourceKeyFileVariable)
	switch {
	case err != nil:
		return target{}, err
	case key.IsZero() && f.sandbox && f.apiBase == "":
		return embeddedTarget()
	case key.IsZero():
		return target{}, &refusal{"no_key", fmt.Sprintf("no key of the account that is exported: set %s or %s to one (a restricted key with read permissions suffices), or say --sandbox to export the embedded sandbox",
			sourceKeyVariable, sourceKeyFileVariable)}
	case key.Livemode() && f.sandbox:
		return target{}, &refusal{"live_key_with_sandbox", "the key is a live one, and --sandbox never works in live mode: use a test key (sk_test_… or rk_test_…)"}
	case key.Livemode() && !f.live:
		return target{}, &refusal{"live_key_without_live", "the key is a live one: say --live to read real customers' data (nothing is changed), or use a test key"}
	case f.live && !key.Livemode():
		return target{}, &refusal{"test_key_with_live", "--live needs a live key, and the key is a test one: set " + sourceKeyVariable + " to a live key (rk_live_… or sk_live_…), or leave --live out"}
	case key.Livemode():
		return target{place: liveMode, key: key, base: f.apiBase}, nil
	}
	return target{place: testMode, key: key, base: f.apiBase}, nil
}

// sameCommandProving writes this command line with --prove in the place of --incremental.
func (s *source) sameCommandProving() string {
	words := slices.DeleteFunc(slices.Clone(s.env.Args), func(w string) bool { return strings.HasPrefix(w, "--incremental") })
	return s.commandLine(stateFlag{}, append(words, "--prove")...)
}
