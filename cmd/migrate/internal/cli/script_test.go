package cli

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets the scripts, and the tests that need a process to kill, run the program as a process of its own.
func TestMain(m *testing.M) {
	program := func() { os.Exit(Main(context.Background())) }
	// The tests wait for processes, which wait for the pace of an account, much longer than they compute.
	if err := flag.Set("test.parallel", "6"); err != nil {
		panic(err)
	}
	testscript.Main(m, map[string]func(){"migrate": program, "subferry": program})
}

func TestScripts(t *testing.T) {
	t.Parallel()
	examples, err := filepath.Abs("../../../../examples")
	if err != nil {
		t.Fatal(err)
	}
	cases, err := filepath.Abs("testdata/cases")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv("EXAMPLES", examples)
			e.Setenv("CASES", cases)
			e.Setenv("NOW", "2026-11-26T00:00:00Z") // of the cases
			e.Setenv("XDG_STATE_HOME", filepath.Join(e.WorkDir, "xdg"))
			e.Setenv("TZ", "Europe/Berlin")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"code": exitCode, "json": jsonIs, "keys": jsonKeys, "take": takeJSON, "paste": paste, "edit": editFile},
	})
}

// exitCode runs a program and compares its exit code: code 4 migrate run …
func exitCode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: code N program args…")
	}
	err := ts.Exec(args[1], args[2:]...)
	got := "0"
	if err != nil {
		got = strings.TrimPrefix(err.Error(), "exit status ")
	}
	if got != args[0] {
		ts.Fatalf("exit code %s, want %s", got, args[0])
	}
}

// jsonIs compares one value of the JSON on stdout: json .failures[0].code resource_missing
func jsonIs(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: json PATH VALUE")
	}
	if got := text(value(ts, args[0])); (got == args[1]) == neg {
		ts.Fatalf("%s is %s, want %s", args[0], got, args[1])
	}
}

// jsonKeys compares the keys of an object on stdout: keys . id status canceled
func jsonKeys(ts *testscript.TestScript, _ bool, args []string) {
	object, ok := value(ts, args[0]).(map[string]any)
	if !ok {
		ts.Fatalf("%s is no object", args[0])
	}
	var got []string
	for key := range object {
		got = append(got, key)
	}
	want := slices.Clone(args[1:])
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		ts.Fatalf("%s has the keys %v, want %v", args[0], got, want)
	}
}

// takeJSON puts a value of the JSON on stdout into a variable: take ID .id
func takeJSON(ts *testscript.TestScript, _ bool, args []string) {
	ts.Setenv(args[0], text(value(ts, args[1])))
}

// editFile copies a file with the first match of a regular expression replaced: edit plan.json changed.json '"total":
// 5' '"total": 6'
func editFile(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 4 {
		ts.Fatalf("usage: edit FROM TO REGEXP REPLACEMENT")
	}
	text := ts.ReadFile(args[0])
	at := regexp.MustCompile(args[2]).FindStringIndex(text)
	if at == nil {
		ts.Fatalf("%s has nothing that matches %s", args[0], args[2])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(text[:at[0]]+args[3]+text[at[1]:]), 0o600))
}

// paste runs the command line that a message ends with, as a user would paste it into a shell: paste 0 'Next: '
func paste(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: paste EXITCODE 'WORDS BEFORE IT: '")
	}
	for line := range strings.Lines(ts.ReadFile("stderr")) {
		if _, command, ok := strings.Cut(strings.TrimSuffix(line, "\n"), args[1]); ok {
			exitCode(ts, false, []string{args[0], "sh", "-c", command})
			return
		}
	}
	ts.Fatalf("no message has %q", args[1])
}

// value walks a path like .failures[0].code through the JSON on stdout.
func value(ts *testscript.TestScript, path string) any {
	var v any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &v))
	path = strings.ReplaceAll(strings.ReplaceAll(path, "[", "."), "]", "")
	for _, step := range strings.Split(path, ".") {
		switch node := v.(type) {
		case map[string]any:
			if step != "" {
				v = node[step]
			}
		case []any:
			i, err := strconv.Atoi(step)
			if step == "" {
				continue
			}
			ts.Check(err)
			if i >= len(node) {
				ts.Fatalf("%s: there are only %d", path, len(node))
			}
			v = node[i]
		}
	}
	return v
}

// text writes a value as a script would.
func text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case []any:
		return fmt.Sprintf("%d elements", len(v))
	}
	return fmt.Sprint(v)
}
