package cli

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestQuoteFor(t *testing.T) {
	for _, c := range []struct{ system, word, want string }{
		{"linux", "subs.csv", "subs.csv"},
		{"linux", "my subs.csv", "'my subs.csv'"},
		{"linux", "it's.csv", `'it'\''s.csv'`},
		{"linux", `a"b$c` + "`d", `'a"b$c` + "`d'"},
		{"linux", `a\b`, `'a\b'`},
		{"linux", "", "''"},
		{"linux", "~/x*", "'~/x*'"},
		{"windows", `C:\subs\a.csv`, `C:\subs\a.csv`},
		{"windows", `C:\my subs\a.csv`, `"C:\my subs\a.csv"`},
		{"windows", "it's.csv", `"it's.csv"`},
	} {
		require.Equal(t, c.want, quoteFor(c.system, c.word))
	}
}

func TestTheProgramIsCalledAsItWasStarted(t *testing.T) {
	for path, want := range map[string]string{
		"": "migrate", "migrate": "migrate", "subferry": "subferry", "subferry.exe": "subferry", "/usr/local/bin/subferry": "subferry",
		"/tmp/go-build1/b001/exe/migrate": "migrate", "/tmp/go-build1/b001/cli.test": "migrate", "cli.test": "migrate",
	} {
		require.Equal(t, want, programName(path), path)
	}
	// A program that the shell finds by its name is called by it, another one by its path.
	dir := t.TempDir()
	path := filepath.Join(dir, "subferry")
	require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\n"), 0o700))
	require.Equal(t, quote(path), invocation(path, t.TempDir()))
	require.Equal(t, "subferry", invocation("subferry", ""))
	require.Equal(t, "subferry", invocation(path, t.TempDir()+string(filepath.ListSeparator)+dir))
	other := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(other, "subferry"), nil, 0o700))
	require.Equal(t, quote(path), invocation(path, other+string(filepath.ListSeparator)+dir), "another program comes first")
	require.Equal(t, "migrate", invocation("/tmp/go-build1/b001/exe/migrate", ""))
	t.Chdir("../../../..")
	require.Equal(t, "go run ./cmd/migrate", invocation("/tmp/go-build1/b001/exe/migrate", ""))
}

// What was asked of all rows is not said of those that are left.
func TestTheCommandThatSkipsHasNoCount(t *testing.T) {
	for _, args := range [][]string{
		{"run", "--direct", "--direct-count", "4", "subs.csv"}, {"run", "--direct-count=4", "--direct", "subs.csv"},
		{"run", "--direct", "subs.csv", "--direct-count", "4"}, {"run", "--direct", "subs.csv"},
	} {
		a := &app{env: Environment{Program: "/bin/migrate", Args: args, LookupEnv: os.LookupEnv}}
		require.Regexp(t, "migrate run --direct subs.csv --skip-scheduled$", a.skipCommand())
		require.Contains(t, args, "subs.csv", "the command line itself stays as it is")
	}
}
