package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/crashtest"
	"github.com/subferry/subferry/migrate/cutover"
	"github.com/subferry/subferry/migrate/export"
	"github.com/subferry/subferry/migrate/gateway"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/pace"
	"github.com/subferry/subferry/migrate/sandbox"
	"github.com/subferry/subferry/migrate/verify"
)

// clock is a clock on which waiting takes no time: whoever sleeps moves it.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Sleep(ctx context.Context, d time.Duration) error {
	c.advance(d)
	return ctx.Err()
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(max(d, 0))
}

// today is when the moves begin.
var today = time.Date(2027, 3, 1, 9, 0, 0, 0, time.UTC)

// world is everything outside the program: two accounts, the ledger's disk, the files, the time. It survives the program's
// death.
type world struct {
	t       testing.TB
	clock   *clock
	files   accounts
	servers map[side]*sandbox.Server
	fault   func(side, *http.Request) sandbox.Fault // nil is nothing
	wire    func(side, http.RoundTripper) http.RoundTripper
	ledger  ledger.Ledger
	dir     string
	file    []byte // of the toolkit, once it was exported
}

func newWorld(t testing.TB, n int, among []profile) *world {
	w := &world{t: t, clock: &clock{now: today}, files: makeAccounts(n, today, among), servers: map[side]*sandbox.Server{}, ledger: ledger.NewMemory(), dir: t.TempDir()}
	for by, data := range map[side]object{source: w.files.Source, destination: w.files.Destination} {
		s, err := sandbox.Open(sandbox.Options{Now: w.clock.Now, Seed: string(by), Fault: func(r *http.Request) sandbox.Fault {
			if w.fault == nil {
				return sandbox.Fault{}
			}
			return w.fault(by, r)
		}})
		require.NoError(t, err)
		t.Cleanup(func() { _ = s.Close() })
		require.NoError(t, s.Load(strings.NewReader(mustJSON(data))))
		w.servers[by] = s
	}
	return w
}

// process is one life of the program. It can die at any step, and after its death nothing that it does has an effect.
type process struct {
	*world
	gateways  map[side]*gateway.Gateway
	migrators map[side]*migrate.Migrator
	ledger    ledger.Ledger
}

// process starts the program, with so many rows under way at once.
func (w *world) process(d *crashtest.Crash, workers int) *process {
	p := &process{world: w, gateways: map[side]*gateway.Gateway{}, migrators: map[side]*migrate.Migrator{}, ledger: crashtest.Ledger(w.ledger, d)}
	key, err := gateway.NewKey("sk_test_tests")
	require.NoError(w.t, err)
	for by, server := range w.servers {
		wire := server.Transport()
		if w.wire != nil {
			wire = w.wire(by, wire)
		}
		if by == source {
			wire = disguise{wire}
		}
		p.gateways[by], err = gateway.New(gateway.Config{Key: key, BaseURL: "http://127.0.0.1", HTTP: crashtest.Transport(wire, d)})
		require.NoError(w.t, err)
		p.migrators[by], err = migrate.New(migrate.Config{Gateway: p.gateways[by], Ledger: p.ledger, Clock: w.clock, Workers: workers, Jitter: func() float64 { return 0.5 }})
		require.NoError(w.t, err)
	}
	return p
}

func (p *process) exporter(by side) *export.Exporter {
	return export.New(export.Config{Source: p.gateways[by], Pacer: pace.NewFrom(p.clock, pace.ReadRate, 0), Clock: p.clock, APIVersion: gateway.APIVersion})
}

func (p *process) party(by side) verify.Party {
	return verify.Party{Migrator: p.migrators[by], Reader: p.gateways[by]}
}

func (p *process) cutover(check func(ctx context.Context, id string, rows map[int64]bool) (map[int64]string, error), workers int) *cutover.Cutover {
	return cutover.New(cutover.Config{Destination: p.party(destination), Source: &cutover.Source{Migrator: p.migrators[source], Writer: p.gateways[source]},
		Ledger: p.ledger, Clock: p.clock, Verify: check, Workers: workers})
}

// charged tells whether each period is charged once and by the right side until now.
func (w *world) charged() error {
	w.fault, w.wire = nil, nil
	var all []charge
	for by, server := range w.servers {
		some, err := charges(context.Background(), by, func(ctx context.Context, path string, query url.Values) ([]byte, error) {
			r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://127.0.0.1"+path+"?"+query.Encode(), nil)
			if err != nil {
				return nil, err
			}
			r.Header.Set("Authorization", "Bearer sk_test_tests")
			answer, err := server.Transport().RoundTrip(r)
			if err != nil {
				return nil, err
			}
			defer answer.Body.Close()
			return io.ReadAll(answer.Body)
		})
		require.NoError(w.t, err)
		all = append(all, some...)
	}
	return check(w.files.Subscriptions, all, w.clock.Now().Add(-2*time.Hour).Unix())
}

// disguise shows subscriptions of the source in states that the sandbox does not imitate: what stands in their metadata
// under shown replaces fields.
type disguise struct{ http.RoundTripper }

func (d disguise) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := d.RoundTripper.RoundTrip(r)
	if err != nil || !strings.Contains(r.URL.Path, "/v1/subscriptions") {
		return answer, err
	}
	text, err := io.ReadAll(answer.Body)
	if err := errors.Join(err, answer.Body.Close()); err != nil {
		return nil, err
	}
	if bytes.Contains(text, []byte(`"shown"`)) {
		var tree any
		decoder := json.NewDecoder(bytes.NewReader(text))
		decoder.UseNumber()
		if err := decoder.Decode(&tree); err != nil {
			return nil, err
		}
		show(tree)
		text = []byte(mustJSON(tree))
		answer.ContentLength = int64(len(text))
		answer.Header.Del("Content-Length")
	}
	answer.Body = io.NopCloser(bytes.NewReader(text))
	return answer, nil
}

func show(tree any) {
	switch node := tree.(type) {
	case []any:
		for _, one := range node {
			show(one)
		}
	case map[string]any:
		if metadata, _ := node["metadata"].(map[string]any); metadata["shown"] != nil {
			var fields map[string]any
			if json.Unmarshal([]byte(metadata["shown"].(string)), &fields) == nil {
				for name, value := range fields {
					node[name] = value
				}
			}
			delete(metadata, "shown")
		}
		show(node["data"])
	}
}

func (w *world) path(name string) string { return filepath.Join(w.dir, name) }
