// Package health tells machines how the service is: whether the process lives, whether it can work, and how much it
// does.
//
// /healthz and /readyz say nothing that anybody might not know. /metrics does, with the IDs of accounts: it is answered
// on this machine, or to whoever has its token.
package health

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/subferry/subferry/migrate"
)

const (
	checkWithin = 5 * time.Second // one that takes longer has failed
	checkEvery  = time.Second     // whoever asks more often is told what was found last
)

// Check is something that the service cannot work without.
type Check struct {
	Name string // database, engine, disk: it is told to whoever asks
	Do   func(ctx context.Context) error
}

// Config is what Health is made of.
type Config struct {
	Checks  []Check
	Metrics *Metrics      // nil has no /metrics
	Clock   migrate.Clock // nil is the machine's
	Log     *slog.Logger

	// Token opens /metrics, as Authorization: Bearer TOKEN. With "" it is open when Loopback says that only this
	// machine reaches the service, and closed otherwise.
	Token    string
	Loopback bool
}

// Health answers /healthz, /readyz and /metrics.
type Health struct {
	Config
	draining atomic.Bool

	mu     sync.Mutex // held while checks run: whoever comes meanwhile waits for what they find
	at     time.Time
	failed []string
}

// New returns a Health that is ready as soon as its checks are.
func New(c Config) *Health {
	if c.Clock == nil {
		c.Clock = migrate.SystemClock{}
	}
	return &Health{Config: c}
}

// Drain lets /readyz say from now on that nothing new is to be sent here: the process ends what it has begun.
func (h *Health) Drain() { h.draining.Store(true) }

// ServeHTTP implements http.Handler.
func (h *Health) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	switch r.URL.Path {
	case "/healthz":
		h.write(w, http.StatusOK, map[string]any{"alive": true})
	case "/readyz":
		failed, status := h.check(r.Context()), http.StatusOK
		draining := h.draining.Load()
		if draining || len(failed) > 0 {
			status = http.StatusServiceUnavailable
		}
		h.write(w, status, map[string]any{"ready": status == http.StatusOK, "draining": draining, "failed": append([]string{}, failed...)})
	case "/metrics":
		h.metrics(w, r)
	default:
		http.NotFound(w, r)
	}
}

func (h *Health) write(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // whoever asks looks at the status
}

// check returns the names of the checks that fail. Why they do is logged, and not told.
func (h *Health) check(ctx context.Context) []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	if now := h.Clock.Now(); !h.at.IsZero() && now.Sub(h.at) < checkEvery && now.Sub(h.at) >= 0 {
		return h.failed
	}
	// Not the request's: what is found is told to others too, and somebody who hangs up finds nothing out.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), checkWithin)
	defer cancel()
	found := make([]error, len(h.Checks))
	var all sync.WaitGroup
	for i, c := range h.Checks {
		all.Go(func() { found[i] = c.run(ctx) })
	}
	all.Wait()
	h.failed, h.at = nil, h.Clock.Now()
	for i, c := range h.Checks {
		if found[i] != nil {
			h.failed = append(h.failed, c.Name)
			h.Log.WarnContext(ctx, "not ready", "check", c.Name, "error", found[i])
		}
	}
	return h.failed
}

// run does a check, and gives up on one that does not heed its context.
func (c Check) run(ctx context.Context) error {
	done := make(chan error, 1)
	go func() { done <- c.Do(ctx) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return fmt.Errorf("no answer within %s", checkWithin)
	}
}

func (h *Health) metrics(w http.ResponseWriter, r *http.Request) {
	given, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	want, got := sha256.Sum256([]byte(h.Token)), sha256.Sum256([]byte(given))
	switch {
	case h.Metrics == nil:
		http.NotFound(w, r)
	case h.Token == "" && !h.Loopback:
		http.Error(w, "metrics are answered to whoever has their token, and none is configured", http.StatusForbidden)
	case h.Token != "" && subtle.ConstantTimeCompare(want[:], got[:]) != 1:
		w.Header().Set("WWW-Authenticate", "Bearer")
		http.Error(w, "the token of the metrics is missing, or is another one", http.StatusUnauthorized)
	default:
		h.Metrics.handler.ServeHTTP(w, r)
	}
}

// Disk checks that a directory can be written to and that its disk is not full.
func Disk(dir string) Check {
	return Check{"disk", func(context.Context) error {
		f, err := os.CreateTemp(dir, ".ready-*")
		if err != nil {
			return err
		}
		defer os.Remove(f.Name())
		_, err = f.Write(make([]byte, 64<<10))
		if e := f.Sync(); err == nil { // a full disk may show only here
			err = e
		}
		if e := f.Close(); err == nil {
			err = e
		}
		return err
	}}
}
