package cli

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate/sandbox"
)

// runHere runs the program inside the test, with the variables of a user.
func runHere(t *testing.T, stdin string, variables map[string]string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, errs bytes.Buffer
	code = Run(context.Background(), Environment{
		Args: args, Stdin: strings.NewReader(stdin), Stdout: &out, Stderr: &errs, OS: "linux", Now: time.Now, Zone: time.UTC,
		LookupEnv: func(name string) (string, bool) { v, ok := variables[name]; return v, ok },
	})
	return out.String(), errs.String(), code
}

// gossip repeats the request's header in its answers, as a badly written proxy might.
func gossip(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Request-Id", "req_"+r.Header.Get("Authorization"))
	w.WriteHeader(http.StatusBadRequest)
	fmt.Fprintf(w, `{"error":{"type":"invalid_request_error","code":"bad","message":"I do not like %s"}}`, r.Header.Get("Authorization"))
}

func TestKeysAreWrittenNowhere(t *testing.T) {
	t.Parallel()
	box, err := sandbox.Open(sandbox.Options{})
	require.NoError(t, err)
	defer box.Close()
	data, err := os.Open("../../../../examples/sandbox.json")
	require.NoError(t, err)
	defer data.Close()
	require.NoError(t, box.Load(data))

	servers := map[string]http.Handler{"sandbox": box, "gossip": http.HandlerFunc(gossip)}
	keys := map[string][]string{
		"sk_test_SECRETsecret0123456789": {"--yes", "--sandbox"},
		"rk_live_SECRETsecret0123456789": {"--live", "--amount-unit", "minor"},
	}
	for name, handler := range servers {
		for key, flags := range keys {
			t.Run(name+" "+key[:8], func(t *testing.T) {
				server := httptest.NewServer(handler)
				defer server.Close()
				dir := t.TempDir()
				place := []string{"--state", filepath.Join(dir, "state"), "--log", filepath.Join(dir, "log.json"), "--api-base", server.URL}
				said := ""
				for _, command := range [][]string{
					append([]string{"run", "../../../../examples/basic.csv", "-o", "json"}, flags...),
					append([]string{"run", "../../../../examples/basic.csv"}, flags...),
				} {
					stdout, stderr, _ := runHere(t, "acct_1\n", map[string]string{keyVariable: key}, append(command, place...)...)
					said += stdout + stderr
				}
				require.NotEmpty(t, said)
				require.NotContains(t, said, "SECRETsecret")
				require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
					if err != nil || d.IsDir() {
						return err
					}
					text, err := os.ReadFile(path)
					require.NotContains(t, string(text), "SECRETsecret", path)
					return err
				}))
				require.FileExists(t, filepath.Join(dir, "log.json"))
			})
		}
	}
}

func TestStateIsForItsOwnerOnly(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows keeps permissions elsewhere")
	}
	dir := filepath.Join(t.TempDir(), "state")
	_, said, code := runHere(t, "", nil, "run", "--sandbox", "--state", dir, "../../../../examples/ad-hoc.csv", "--log", filepath.Join(dir, "..", "log.json"))
	require.Equal(t, ExitDone, code, said)
	require.NoError(t, filepath.WalkDir(filepath.Dir(dir), func(path string, d fs.DirEntry, err error) error {
		require.NoError(t, err)
		if path == filepath.Dir(dir) {
			return nil
		}
		info, err := d.Info()
		require.NoError(t, err)
		require.Zero(t, info.Mode().Perm()&0o077, path)
		return nil
	}))
}
