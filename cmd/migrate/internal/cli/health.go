package cli

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/serve/health"
	"github.com/subferry/subferry/migrate/serve/jobs"
	"github.com/subferry/subferry/migrate/serve/store"
)

// metricsTokenVariable names a file with the token that opens /metrics on another address than this machine's own.
const metricsTokenVariable = "METRICS_TOKEN_FILE"

// vitals is what a process of a service tells about itself at an address: whether it lives and can work, and how much
// it does.
func (a *app) vitals(m *health.Metrics, kept *store.Store, book ledger.Ledger, engine *jobs.Engine, addr string, log *slog.Logger) (*health.Health, error) {
	m.Share(health.Sources{Jobs: engine.Counts, Rows: health.Rows(kept, book, a.env.Now), Moves: kept.MoveCounts, Events: kept.EventsToApply})
	checks := []health.Check{{Name: "database", Do: kept.Ready}, {Name: "jobs", Do: func(ctx context.Context) error {
		_, err := engine.Counts(ctx)
		return err
	}}}
	if dir := kept.Dir(); dir != "" {
		checks = append(checks, health.Disk(dir))
	}
	host, _, err := net.SplitHostPort(addr)
	if err != nil && addr != "" {
		return nil, &usageError{"--addr " + addr + ": expected HOST:PORT, as in 127.0.0.1:9090"}
	}
	c := health.Config{Checks: checks, Metrics: m, Log: log, Loopback: loopback(host)}
	if file := a.env.getenv(metricsTokenVariable); file != "" {
		text, err := a.readKey(file, metricsTokenVariable)
		if err != nil {
			return nil, err
		}
		if c.Token = strings.TrimSpace(text); len(c.Token) < 20 {
			return nil, &usageError{metricsTokenVariable + " names a file with less than 20 characters: a token that can be guessed protects nothing"}
		}
	}
	return health.New(c), nil
}

// serveHealth answers /healthz, /readyz and /metrics of a worker on an address; "" is none.
func (a *app) serveHealth(h *health.Health, addr string) (*http.Server, error) {
	server := &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second, MaxHeaderBytes: 16 << 10}
	if addr == "" {
		return server, nil
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	a.say("Health: http://%s/healthz, /readyz and /metrics", listener.Addr())
	go server.Serve(listener)
	return server, nil
}
