package sandbox

import (
	"encoding/json"
	"net"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestNodeLibrary runs Stripe's official Node library against the sandbox over
// a socket. It needs the library: npm install in testdata/node, or NODE_PATH.
func TestNodeLibrary(t *testing.T) {
	if err := exec.Command("node", "-e", "require('stripe')").Run(); err != nil {
		if _, err := os.Stat(filepath.Join("testdata", "node", "node_modules", "stripe")); err != nil {
			t.Skip("Stripe's Node library is not installed: run npm install in migrate/sandbox/testdata/node")
		}
	}
	hookPort := freePort(t)
	s, err := Open(Options{Now: time.Now, Webhook: Webhook{URL: "http://127.0.0.1:" + hookPort, Secret: "whsec_node"}})
	require.NoError(t, err)
	server := httptest.NewServer(s)
	t.Cleanup(func() { server.Close(); require.NoError(t, s.Close()) })
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	require.NoError(t, err)

	script, err := filepath.Abs(filepath.Join("testdata", "node", "scenario.js"))
	require.NoError(t, err)
	run := exec.Command("node", script, port, hookPort, "whsec_node")
	run.Stderr = os.Stderr
	out, err := run.Output()
	require.NoError(t, err)

	var got map[string]any
	require.NoError(t, json.Unmarshal(out, &got))
	require.Equal(t, map[string]any{
		"replayed":      true,
		"canceledTwice": "You cannot cancel a subscription schedule that is currently in the `canceled` status. Only subscription schedules that are in the `not_started` or `active` status can be canceled.",
		"unknown":       []any{404.0, "resource_missing", "id"},
		"live":          []any{"active", "active"},
		"invoices":      []any{[]any{"paid", 0.0}, []any{"paid", 2000.0}},
		"listed":        true,
		"paid":          2.0,
		"verified":      true,
	}, got)
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, l.Close()) }()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
}
