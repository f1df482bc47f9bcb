package cli

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/stripe/stripe-go/v76/webhook"

	"github.com/subferry/subferry/migrate/serve/access"
)

func TestRolesOfTheApp(t *testing.T) {
	got, err := appRoles(" admin=operator, developer=viewer,")
	require.NoError(t, err)
	require.Equal(t, map[string]access.Role{"admin": access.Operator, "developer": access.Viewer}, got)
	for _, text := range []string{"admin", "admin=", "=operator", "admin=owner", "admin=nobody", "admin=approver", "admin:operator"} {
		_, err := appRoles(text)
		require.ErrorContains(t, err, appRolesVariable, text)
	}
}

// A service of the built program tells how it is, and answers the Stripe App's signed requests.
func TestTheServiceAnswersProbesAndTheApp(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	secret := filepath.Join(dir, "absec")
	require.NoError(t, os.WriteFile(secret, []byte("absec_0123456789abcdef0123\n"), 0o600))
	p := newProgram(t, appSecretVariable+"="+secret)
	server := p.command("serve", "--sandbox", "--addr", "127.0.0.1:0")
	out, err := server.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, server.Start())
	t.Cleanup(func() { server.Process.Kill(); server.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	base, _, _ := strings.Cut(strings.TrimSpace(line), "/login")
	get := func(path string) (int, string) {
		resp, err := http.Get(base + path)
		require.NoError(t, err)
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		return resp.StatusCode, string(text)
	}
	status, text := get("/healthz")
	require.Equal(t, 200, status, text)
	status, text = get("/readyz")
	require.Equal(t, 200, status, text)
	get("/moves/mov_none")
	status, text = get("/metrics")
	require.Equal(t, 200, status)
	for _, metric := range []string{`subferry_http_requests_total{code="401",route="/"} 1`, "subferry_webhook_events_waiting 0", "subferry_scrape_failures_total 0", "go_goroutines"} {
		require.Contains(t, text, metric)
	}

	body := `{"action":"list","migration":"","sha256":"","livemode":false,"nonce":"0123456789abcdef","user_id":"usr_1","account_id":"acct_1"}`
	signed := webhook.GenerateTestSignedPayload(&webhook.UnsignedPayload{Payload: []byte(body), Secret: "absec_0123456789abcdef0123", Timestamp: time.Now()})
	for i, want := range []int{200, 401} { // a request is answered once
		req, err := http.NewRequest(http.MethodPost, base+"/app/list", strings.NewReader(body))
		require.NoError(t, err)
		req.Header.Set("Stripe-Signature", signed.Header)
		req.Header.Set("Origin", "null")
		resp, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		resp.Body.Close()
		require.Equal(t, want, resp.StatusCode, i)
	}
	status, _ = get("/oauth/authorize")
	require.NotEqual(t, 200, status, "there is no platform")
	signals(t)
	require.NoError(t, server.Process.Signal(syscall.SIGTERM))
	require.NoError(t, server.Wait())
}

// Behind a proxy the service listens on this machine alone, and others reach it all the same.
func TestMetricsAreClosedBehindAProxy(t *testing.T) {
	t.Parallel()
	var provider *httptest.Server
	provider = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"issuer":%q,"authorization_endpoint":"%[1]s/auth","token_endpoint":"%[1]s/token","jwks_uri":"%[1]s/keys"}`, provider.URL)
	}))
	t.Cleanup(provider.Close)
	free, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	addr := free.Addr().String()
	require.NoError(t, free.Close())
	server := newProgram(t).command("serve", "--sandbox", "--addr", addr, "--public-url", "https://move.example.com",
		"--oidc-issuer", provider.URL, "--oidc-client-id", "x", "--oidc-role", "viewer=all")
	require.NoError(t, server.Start())
	t.Cleanup(func() { server.Process.Kill(); server.Wait() })
	for path, want := range map[string]int{"/healthz": 200, "/metrics": 403} {
		require.EventuallyWithT(t, func(t *assert.CollectT) {
			resp, err := http.Get("http://" + addr + path)
			require.NoError(t, err)
			resp.Body.Close()
			require.Equal(t, want, resp.StatusCode, path)
		}, 20*time.Second, 50*time.Millisecond)
	}
}

func TestSettingsOfTheAppThatAreRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), mode))
		return path
	}
	good := write("good", "absec_0123456789abcdef0123", 0o600)
	key := write("key", "sk_test_platform", 0o600)
	for name, test := range map[string]struct {
		env  []string
		says string
	}{
		"something else than a secret": {[]string{appSecretVariable + "=" + write("key2", "sk_live_aKeyOfSomebody", 0o600)}, "absec_"},
		"a file for all to read":       {[]string{appSecretVariable + "=" + write("open", "absec_0123456789abcdef0123", 0o644)}, "chmod 600"},
		"no file":                      {[]string{appSecretVariable + "=" + filepath.Join(dir, "none")}, appSecretVariable},
		"roles without a secret":       {[]string{appRolesVariable + "=admin=operator"}, appSecretVariable},
		"an unknown role":              {[]string{appSecretVariable + "=" + good, appRolesVariable + "=admin=owner"}, "admin=operator"},
		"half of a platform":           {[]string{appSecretVariable + "=" + good, appIDVariable + "=com.example.app"}, connectKeyVariable},
		"a client that is none": {[]string{appSecretVariable + "=" + good, appIDVariable + "=com.example.app", connectClientVariable + "=sk_test_x",
			connectKeyVariable + "=" + key}, "ca_"},
		"a short token": {[]string{metricsTokenVariable + "=" + write("short", "1234", 0o600)}, metricsTokenVariable},
	} {
		_, said, code := newProgram(t, test.env...).output("serve", "--sandbox", "--addr", "127.0.0.1:0")
		require.NotEqual(t, ExitDone, code, name)
		require.Contains(t, said, test.says, name)
		require.NotContains(t, said, "aKeyOfSomebody", name)
	}
}
