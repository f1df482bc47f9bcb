package cli

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/export"
	"github.com/subferry/subferry/migrate/export/exporttest"
	"github.com/subferry/subferry/migrate/sandbox"
)

// The key of the source account goes to the server and nowhere else, whatever the server says.
func TestSourceKeysAreWrittenNowhere(t *testing.T) {
	t.Parallel()
	box, err := sandbox.Open(sandbox.Options{})
	require.NoError(t, err)
	defer box.Close()
	for name, handler := range map[string]http.Handler{"sandbox": box, "gossip": http.HandlerFunc(gossip)} {
		server := httptest.NewServer(handler)
		defer server.Close()
		dir := t.TempDir()
		said := ""
		for _, words := range []string{"customers --out " + filepath.Join(dir, "a"), "all -o json --out " + filepath.Join(dir, "b"), "toolkit --out " + filepath.Join(dir, "c.csv")} {
			args := append([]string{"export", "--api-base", server.URL, "--log", filepath.Join(dir, "log.json")}, strings.Fields(words)...)
			stdout, stderr, _ := runHere(t, "", map[string]string{sourceKeyVariable: "rk_test_SECRETsecret0123456789", keyVariable: "sk_test_OTHER"}, args...)
			said += stdout + stderr
		}
		require.NotEmpty(t, said)
		require.NotContains(t, said, "SECRETsecret", name)
		require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			text, err := os.ReadFile(path)
			require.NotContains(t, string(text), "SECRETsecret", path)
			return err
		}))
	}
}

// Over HTTP, by the program: a limit, errors of the server and 3,000 objects in one second.
func TestExportOverHTTP(t *testing.T) {
	t.Parallel()
	lists := &exporttest.Server{Clock: migrate.SystemClock{}, Rate: 400, Burst: 20, Latency: 2 * time.Millisecond}
	lists.Put("/v1", exporttest.Object{ID: "account", JSON: `{"id":"acct_http","object":"account","created":1600000000}`})
	var all []exporttest.Object
	for i := range 9000 {
		at := int64(1600000000 + 10_000*i)
		if i >= 3000 && i < 6000 {
			at = 1650000000
		}
		all = append(all, exporttest.Object{ID: fmt.Sprintf("sub_%05d", i), Created: at})
	}
	lists.Put("/v1/subscriptions", all...)
	lists.Before = func(_ string, q url.Values, n int64) error {
		if n%17 == 0 {
			return exporttest.Refusal(500, "", "", "Something went wrong.")
		}
		return nil
	}
	var versions []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(versions) == 0 { // the first request comes alone
			versions = append(versions, r.Header.Get("Stripe-Version")+" "+r.Header.Get("Authorization"))
		}
		lists.ServeHTTP(w, r)
	}))
	defer server.Close()
	dir := t.TempDir()
	stdout, stderr, code := runHere(t, "", map[string]string{sourceKeyVariable: "rk_test_any"}, "export", "subscriptions", "--api-base", server.URL, "--out", dir)
	require.Equal(t, ExitDone, code, stderr)
	require.Contains(t, stdout, "9,000")
	require.Equal(t, []string{"2023-10-16 Bearer rk_test_any"}, versions)
	text, err := os.ReadFile(filepath.Join(dir, "subscriptions.ndjson"))
	require.NoError(t, err)
	var got []string
	for line := range strings.Lines(string(text)) {
		var o struct{ ID string }
		require.NoError(t, json.Unmarshal([]byte(line), &o))
		got = append(got, o.ID)
	}
	require.Equal(t, lists.IDs("/v1/subscriptions"), got)
	m, err := export.ReadManifest(dir)
	require.NoError(t, err)
	require.Equal(t, "acct_http", m.Account)
}

// A list that was asked for by name and is refused ends with an exit code of its own, and with the permission.
func TestExportOfWhatIsForbidden(t *testing.T) {
	t.Parallel()
	lists := &exporttest.Server{Clock: migrate.SystemClock{}}
	lists.Put("/v1/customers")
	lists.Before = func(path string, _ url.Values, _ int64) error {
		if path != "/v1/customers" {
			return exporttest.Refusal(403, "", "", "Having the 'rak_charge_read' permission would allow this request to continue.")
		}
		return nil
	}
	server := httptest.NewServer(lists)
	defer server.Close()
	stdout, stderr, code := runHere(t, "", map[string]string{sourceKeyVariable: "rk_test_any"}, "export", "customers", "charges", "--api-base", server.URL, "--out", t.TempDir())
	require.Equal(t, ExitPartly, code)
	require.Contains(t, stdout, "charges               skipped: Stripe answered 403: Having the 'rak_charge_read' permission")
	require.Contains(t, stdout, "A restricted key needs the permission Charges: Read")
	require.Contains(t, stderr, "charges was not exported")
	_, _, code = runHere(t, "", map[string]string{sourceKeyVariable: "rk_test_any"}, "export", "all", "--api-base", server.URL, "--out", t.TempDir())
	require.Equal(t, ExitDone, code)
}
