package conformance

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"

	"github.com/subferry/subferry/migrate/gateway"
	"github.com/subferry/subferry/migrate/sandbox"
)

// The environment names a server other than the project's own.
const (
	urlVariable = "SUBFERRY_CONFORMANCE_URL"
	keyVariable = "STRIPE_API_KEY"
)

// TestConformance plays every scenario over HTTP, on test clocks: here on the project's own sandbox, and on the server
// that the environment names. What it makes there it deletes or archives, also when it fails.
func TestConformance(t *testing.T) {
	c := server(t)
	key, err := gateway.NewKey(c.key)
	require.NoError(t, err)
	require.False(t, key.Livemode(), "%s is a live key: conformance is tested in test mode only", keyVariable)
	api, err := gateway.New(gateway.Config{Key: key, BaseURL: c.base, HTTP: c.http.Transport})
	require.NoError(t, err)

	ctx := t.Context()
	run := strconv.FormatInt(time.Now().UnixNano(), 36)
	var plays []*play
	for _, s := range scenarios(t) {
		if _, ok := s.refusal(); ok {
			continue // nothing is sent of these; TestRehearsals has them
		}
		p := &play{scenario: s, gateway: api, account: &account{client: c, suffix: "_" + run + "_" + s.name, ids: map[string]string{}}}
		t.Cleanup(func() { require.NoError(t, p.account.discard(context.WithoutCancel(ctx)), p.name) })
		if err := p.prepare(ctx); err != nil {
			t.Errorf("%s: %v %v", s.name, err, s.head)
			continue
		}
		plays = append(plays, p)
	}
	t.Run("clocks", func(t *testing.T) {
		for i, g := range troupes(c, plays) {
			t.Run(strconv.Itoa(i+1), func(t *testing.T) {
				t.Parallel()
				g.play(ctx, t)
			})
		}
	})
}

// server returns the server that the environment names, or the project's own sandbox.
func server(t *testing.T) *client {
	if base := os.Getenv(urlVariable); base != "" {
		key := os.Getenv(keyVariable)
		require.NotEmpty(t, key, "%s names a server, and a server needs a test key in %s", urlVariable, keyVariable)
		return &client{base: strings.TrimSuffix(base, "/"), key: key, http: &http.Client{Transport: paced{rate.NewLimiter(perSecond, 1)}}}
	}
	box, err := sandbox.Open(sandbox.Options{})
	require.NoError(t, err)
	own := httptest.NewServer(box)
	c := &client{base: own.URL, key: "sk_test_conformance", http: &http.Client{Transport: http.DefaultTransport}}
	t.Cleanup(func() {
		nothingIsLeft(t, c)
		own.Close()
		require.NoError(t, box.Close())
	})
	return c
}

// nothingIsLeft looks for what a run should have deleted or archived.
func nothingIsLeft(t *testing.T, c *client) {
	for _, path := range []string{
		"/v1/test_helpers/test_clocks", "/v1/customers", "/v1/coupons", "/v1/prices?active=true", "/v1/products?active=true", "/v1/tax_rates?active=true",
	} {
		list, err := c.do(context.Background(), http.MethodGet, path, nil)
		require.NoError(t, err)
		require.Empty(t, list["data"], path)
	}
}
