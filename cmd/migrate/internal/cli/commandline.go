package cli

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"time"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/validate"
)

// Every command line that the program advises is written here: under the name that the program was started by, with the
// flags that the situation needs, and quoted so that it can be pasted.

// defaultName is the program's name where it was not started by one of its own.
const defaultName = "migrate"

// programName returns the name of a program that was started as path.
func programName(path string) string {
	name := strings.TrimSuffix(filepath.Base(filepath.ToSlash(path)), ".exe")
	if name == "." || name == "/" || isTemporaryBuild(path) || strings.HasSuffix(name, ".test") {
		return defaultName
	}
	return name
}

// isTemporaryBuild tells whether a program is one that go run or go test has made for the moment.
func isTemporaryBuild(path string) bool { return strings.Contains(filepath.ToSlash(path), "/go-build") }

// invocation returns how the program is started again: as it was, when that names a file that the shell would not find by its
// name alone, in the directories of paths; from the clone, when go run has started it there.
func invocation(path, paths string) string {
	name := programName(path)
	switch {
	case isTemporaryBuild(path):
		if _, err := os.Stat(filepath.Join("cmd", defaultName, "main.go")); err == nil {
			return "go run ./cmd/" + defaultName
		}
		return name
	case path == "", filepath.Base(path) == path, strings.HasSuffix(path, ".test"), onPath(path, paths):
		return quote(name)
	}
	return quote(path)
}

// onPath tells whether a shell finds the very file by its name.
func onPath(path, paths string) bool {
	for _, dir := range filepath.SplitList(paths) {
		if there, err := os.Stat(filepath.Join(dir, filepath.Base(path))); err == nil && there.Mode().IsRegular() {
			is, err := os.Stat(path)
			return err == nil && os.SameFile(there, is)
		}
	}
	return false
}

// commandLine writes a command as a user would type it.
func (a *app) commandLine(state stateFlag, words ...string) string {
	if state.dir != "" {
		words = append(words, "--state", state.dir)
	}
	line := []string{invocation(a.env.Program, a.env.getenv("PATH"))}
	for _, w := range words {
		line = append(line, quote(w))
	}
	return strings.Join(line, " ")
}

// sameCommand writes the command line that is being carried out, with more flags.
func (a *app) sameCommand(more ...string) string {
	return a.commandLine(stateFlag{}, append(append([]string{}, a.env.Args...), more...)...)
}

// fileWord writes the name of a file so that it is not taken for a flag.
func fileWord(path string) string {
	if strings.HasPrefix(path, "-") && path != "-" {
		return "." + string(filepath.Separator) + path
	}
	return path
}

// ledgerCommand returns a command line that reads the ledger of this one.
func (s *session) ledgerCommand(words ...string) string {
	if words[0] != "report" { // which shows the same at any time
		words = append(words, s.atThisTime()...)
	}
	return s.commandLine(s.flags.state, words...)
}

// atThisTime returns the words that make another command pretend the same time.
func (s *session) atThisTime() []string { return nowWords(s.flags.now) }

func nowWords(now timeFlag) []string {
	if now.IsZero() {
		return nil
	}
	return []string{"--now", now.String()}
}

// migrationCommand returns the command line of a command that talks to the account, in the same place as this one.
func (s *session) migrationCommand(words ...string) string {
	if s.target.place == liveMode {
		words = append(words, "--live")
	}
	if s.target.base != "" {
		words = append(words, "--api-base", s.target.base)
	}
	return s.commandLine(s.flags.state, append(words, s.atThisTime()...)...)
}

// fileCommand returns a command line that works where this one did, for a command that does not learn the place from the ledger.
func (s *session) fileCommand(words ...string) string {
	if s.flags.mode.sandbox || s.target.place == embedded {
		words = append(words, "--sandbox")
	}
	return s.migrationCommand(words...)
}

// cancelCommandLine returns the command line that cancels a migration that has just been run.
func (s *session) cancelCommandLine(id string) string { return s.migrationCommand("cancel", id) }

// commandFor returns the command line of a command that works on a migration where that is, by what the ledger knows.
func (a *app) commandFor(f ledgerFlags, m *migrate.Summary, now time.Time, command string, flags ...string) string {
	words := append([]string{command}, flags...)
	if command == "cancel" && m.CancelBefore != nil && now.After(*m.CancelBefore) {
		words = append(words, "--individually")
	}
	words = append(words, m.ID)
	if m.Livemode {
		words = append(words, "--live")
	}
	if m.APIBase != "" {
		words = append(words, "--api-base", m.APIBase)
	}
	return a.commandLine(f.state, append(words, nowWords(f.now)...)...)
}

// readingWords returns the words that make another command read a file in the same way.
func readingWords(unit csvspec.Unit, allow []string, sheet string) (words []string) {
	if unit != csvspec.UnitUnstated {
		words = append(words, "--amount-unit", unit.String())
	}
	for _, name := range allow {
		words = append(words, "--allow-column", name)
	}
	if sheet != "" {
		words = append(words, "--sheet", sheet)
	}
	return words
}

// marginWords returns the words for a margin that is not the usual one.
func marginWords(margin time.Duration) []string {
	if margin == validate.DefaultMargin {
		return nil
	}
	return []string{"--margin", margin.String()}
}

// validateAgain returns the command line that shows everything that a review has found, what the account knows included.
func (w *fileSession) validateAgain(file string, o migrate.Options) string {
	words := append([]string{"validate", fileWord(file)}, readingWords(o.Unit, o.AllowColumns, o.Sheet)...)
	words = append(append(words, marginWords(o.Margin)...), "--limit", "0")
	if w.rehearses && w.sandboxData == "" { // the account is made up, and knows nothing
		if o.Lead == validate.SandboxLead {
			words = append(words, "--sandbox")
		}
		return w.commandLine(stateFlag{}, append(words, w.atThisTime()...)...)
	}
	words = append(words, "--online")
	if w.sandboxData != "" {
		words = append(words, "--sandbox-data", w.sandboxData)
	}
	if w.customerCheck != "" {
		words = append(words, w.customerCheck)
	}
	return w.fileCommand(words...)
}

// suggestion is a way out of an error: what it does, and the command line.
type suggestion struct{ to, command string }

// withSuggestions is an error with ways out.
type withSuggestions struct {
	error
	suggestions []suggestion
}

func (e *withSuggestions) Unwrap() error { return e.error }

// Error names the ways behind the error, for those who get it as one text.
func (e *withSuggestions) Error() string { return e.error.Error() + e.tail() }

func (e *withSuggestions) tail() string {
	var tail strings.Builder
	for _, w := range e.suggestions {
		tail.WriteString("; to " + w.to + ": " + w.command)
	}
	return tail.String()
}

// withoutSuggestions returns the text of an error without the ways that only the command itself could go.
func withoutSuggestions(err error) string {
	if out := (*withSuggestions)(nil); errors.As(err, &out) {
		return strings.TrimSuffix(err.Error(), out.tail())
	}
	return err.Error()
}

// isPlainWord is a word that no shell takes for anything else.
var isPlainWord = regexp.MustCompile(`^[A-Za-z0-9_./:@%+=,-]+$`).MatchString

// quote makes a word safe to paste into a shell of this system.
func quote(word string) string { return quoteFor(runtime.GOOS, word) }

func quoteFor(system, word string) string {
	switch {
	case system == "windows" && isPlainWord(strings.ReplaceAll(word, `\`, "/")), isPlainWord(word):
		return word
	case system == "windows":
		return `"` + strings.ReplaceAll(word, `"`, `\"`) + `"`
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
