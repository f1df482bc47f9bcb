package cli

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const repository = "../../../.."

// commands returns the shell commands of a chapter of the README.
func commands(t *testing.T, chapter string) string {
	text, err := os.ReadFile(filepath.Join(repository, "README.md"))
	require.NoError(t, err)
	_, rest, found := strings.Cut(string(text), "\n## "+chapter+"\n")
	require.True(t, found, chapter)
	rest, _, _ = strings.Cut(rest, "\n## ")
	var all []string
	for _, block := range regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(rest, -1) {
		all = append(all, block[1])
	}
	require.NotEmpty(t, all)
	return strings.Join(all, "")
}

// The script in examples does what the README says: it has the same commands, in the same order.
func TestTheScriptOfTheExampleIsTheReadmes(t *testing.T) {
	verbs := func(text string) (all []string) {
		for _, m := range regexp.MustCompile(`(?m)^(?:STRIPE_SOURCE_API_KEY=\S+ )?migrate ((?:map |sandbox |export )?[a-z]+)( --who-bills|)`).FindAllStringSubmatch(text, -1) {
			if verb := m[1] + m[2]; verb != "sandbox serve" && verb != "export account" && verb != "rehearse" && (len(all) == 0 || all[len(all)-1] != verb) {
				all = append(all, verb)
			}
		}
		return all
	}
	script, err := os.ReadFile(filepath.Join(repository, "examples/stripe-to-stripe/move.sh"))
	require.NoError(t, err)
	want := verbs(commands(t, "From one Stripe account to another"))
	require.Greater(t, len(want), 8)
	require.Equal(t, want, verbs(string(script)))
	if os.Getenv("SUBFERRY_SOAK") != "" && runtime.GOOS != "windows" {
		cmd := exec.CommandContext(t.Context(), "bash", filepath.Join(repository, "examples/stripe-to-stripe/move.sh"), filepath.Join(t.TempDir(), "move"), "5000")
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
		require.Contains(t, string(out), "5000 subscriptions, ")
	}
}

// The README's way from one Stripe account to another, word for word but for the ports: two sandboxes that are served, from
// the export to the cutover, and two months later each customer has paid once for each period.
func TestReadmeFromOneAccountToAnother(t *testing.T) {
	if runtime.GOOS == "windows" || testing.Short() {
		t.Skip("a shell script of a minute")
	}
	dir := t.TempDir()
	entries, err := os.ReadDir(repository)
	require.NoError(t, err)
	for _, e := range entries { // a clone that the commands may write into
		from, err := filepath.Abs(filepath.Join(repository, e.Name()))
		require.NoError(t, err)
		if e.Name() != ".git" {
			require.NoError(t, os.Symlink(from, filepath.Join(dir, e.Name())))
		}
	}
	// It is built where it lies: Go's cache of builds goes by the directory.
	root, err := filepath.Abs(repository)
	require.NoError(t, err)
	build := fmt.Sprintf("go build -C %q -o %q ", root, filepath.Join(dir, "bin")+"/")
	script := strings.Replace(commands(t, "From one Stripe account to another"), "go build -o bin/ ", build, 1)
	require.Contains(t, script, build)
	for _, port := range []string{"12111", "12112"} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		script = strings.ReplaceAll(script, port, fmt.Sprint(l.Addr().(*net.TCPAddr).Port))
		require.NoError(t, l.Close())
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "bash", "-euo", "pipefail", "-c", "trap 'kill $(jobs -p) 2>/dev/null' EXIT\n"+script)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-buildvcs=false")
	cmd.WaitDelay = time.Second
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	for _, want := range []string{
		"20 ready, 0 need a decision", "scheduled   20", "verified    20 of 20 rows", "to stop     19", "stopped     19",
		"each period once, by the right side, without a gap", "destination 20 ", "destination 19 ", "ended       1 ", "paid               19",
	} {
		require.Contains(t, string(out), want)
	}
	for _, alarm := range []string{"both", "nobody"} {
		require.Equal(t, 2, strings.Count(string(out), fmt.Sprintf("\n%-11s 0 ", alarm)))
	}
}
