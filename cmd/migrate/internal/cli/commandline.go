package cli

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/schedule"
	"github.com/subferry/subferry/validate"
	"github.com/subferry/subferry/validate/report"
)

// Every command line that a message suggests is written here: under the name that the program was started by, with the
// flags that it needs to work in the same place, and quoted so that it can be pasted.

// defaultName is the program's name when it was started by go run or a test.
const defaultName = "migrate"

// programName returns the name of a program that was started as path.
func programName(path string) string {
	name := strings.TrimSuffix(filepath.Base(filepath.ToSlash(path)), ".exe")
	if name == "." || name == "/" || isTemporaryBuild(path) || strings.HasSuffix(name, ".test") {
		return defaultName
	}
	return name
}

// isTemporaryBuild tells whether a path is that of a binary of go run or go test.
func isTemporaryBuild(path string) bool { return strings.Contains(filepath.ToSlash(path), "/go-build") }

// invocation returns how the program is started again: by its name when the shell finds it in the directories of paths,
// by its path otherwise, and with go run when it was started so in a clone.
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

// onPath tells whether a shell that searches the directories of paths for the file's name finds this file.
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

// sameCommand writes this process's command line with more flags.
func (a *app) sameCommand(more ...string) string {
	return a.commandLine(stateFlag{}, append(append([]string{}, a.env.Args...), more...)...)
}

// skipCommand writes this process's command line so that it leaves out what is scheduled already. What is left is another
// number of direct subscriptions, which is asked for anew.
func (a *app) skipCommand() string {
	words := slices.Clone(a.env.Args)
	for i := 0; i < len(words); i++ {
		switch {
		case words[i] == "--direct-count":
			words = slices.Delete(words, i, min(i+2, len(words)))
			i--
		case strings.HasPrefix(words[i], "--direct-count="):
			words = slices.Delete(words, i, i+1)
			i--
		}
	}
	return a.commandLine(stateFlag{}, append(words, "--skip-scheduled")...)
}

// fileWord returns the name of a file as a word that is not taken for a flag.
func fileWord(path string) string {
	if strings.HasPrefix(path, "-") && path != "-" {
		return "." + string(filepath.Separator) + path
	}
	return path
}

// ledgerCommand returns the command line of a command that only reads the ledger.
func (s *session) ledgerCommand(words ...string) string {
	if words[0] != "report" { // which shows the same at any time
		words = append(words, nowWords(s.flags.now)...)
	}
	return s.commandLine(s.flags.state, words...)
}

// nowWords returns the words that make another command pretend the same time.
func nowWords(now timeFlag) []string {
	if now.IsZero() {
		return nil
	}
	return []string{"--now", now.String()}
}

// migrationCommand returns the command line of a command on a migration, in the same account as this one.
func (s *session) migrationCommand(words ...string) string {
	if s.target.place == liveMode {
		words = append(words, "--live")
	}
	if s.target.base != "" {
		words = append(words, "--api-base", s.target.base)
	}
	return s.commandLine(s.flags.state, append(words, nowWords(s.flags.now)...)...)
}

// fileCommand returns the command line of a command on a file, which unlike one on a migration does not learn from the
// ledger that the embedded sandbox is meant.
func (s *session) fileCommand(words ...string) string {
	if s.flags.mode.sandbox || s.target.place == embedded {
		words = append(words, "--sandbox")
	}
	return s.migrationCommand(words...)
}

// cancelCommandLine returns the command line that cancels a migration that has just been run.
func (s *session) cancelCommandLine(id string) string { return s.migrationCommand("cancel", id) }

// commandFor returns the command line of a command on a migration of which only the ledger's record is known.
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
func readingWords(unit csvspec.Unit, allow []string, sheet string, direct schedule.Direct) (words []string) {
	if unit != csvspec.UnitUnstated {
		words = append(words, "--amount-unit", unit.String())
	}
	for _, name := range allow {
		words = append(words, "--allow-column", name)
	}
	if sheet != "" {
		words = append(words, "--sheet", sheet)
	}
	if direct != schedule.Never {
		words = append(words, "--direct="+direct.String())
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

// validateAgain returns the command line that shows everything that a review has found, what the account knows
// included.
func (w *fileSession) validateAgain(file string, o migrate.Options) string {
	words := append([]string{"validate", fileWord(file)}, readingWords(o.Unit, o.AllowColumns, o.Sheet, o.Direct)...)
	words = append(append(words, marginWords(o.Margin)...), "--limit", "0")
	if w.rehearses && w.sandboxData == "" { // the account is made up, and need not be asked
		if o.Lead == validate.SandboxLead {
			words = append(words, "--sandbox")
		}
		return w.commandLine(stateFlag{}, append(words, nowWords(w.flags.now)...)...)
	}
	words = append(words, "--online")
	if w.sandboxData != "" {
		words = append(words, "--sandbox-data", w.sandboxData)
	}
	switch {
	case !w.rehearses:
		words = append(append(words, w.target.checkWords(o.CheckCustomers)...), w.preflight...)
	case w.customerCheck != "":
		words = append(words, w.customerCheck)
	}
	return w.fileCommand(words...)
}

// mendTarget is the file that is being read, and how, for the commands that mend it.
type mendTarget struct {
	path    string
	reading []string // the words that make fix read the file in the same way
}

// mendCommands writes the commands that mend a file; nil for one that cannot be read again.
func (a *app) mendCommands(f mendTarget) report.Commands {
	if !regular(f.path) {
		return nil
	}
	converted, mended := freeName("subs"), freeName("mended")
	return func(m validate.Mend) string {
		words := []string{"fix", fileWord(f.path)}
		switch m {
		case validate.MendConvert:
			return a.commandLine(stateFlag{}, "convert", fileWord(f.path), "--out", converted)
		case validate.MendFixDates:
			words = append(words, "--dates", yourZone)
		case validate.MendFixOrder:
			words = append(words, "--dates", yourZone, "--date-order", yourOrder)
		}
		return a.commandLine(stateFlag{}, append(append(words, f.reading...), "--out", mended)...)
	}
}

// What only the user knows stands in a command as a word that the flag refuses, with the words that it takes: a command
// that is pasted as it is must not read dates in somebody else's zone or order.
const (
	yourZone  = "ZONE"
	yourOrder = "ORDER"
)

// freeName returns the name of a CSV file that does not exist, so that the command can be pasted more than once.
func freeName(stem string) string {
	name := stem + ".csv"
	for n := 2; exists(name); n++ {
		name = stem + "-" + strconv.Itoa(n) + ".csv"
	}
	return name
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// suggestion is a command line that helps after an error, and what it is for: "to resume it".
type suggestion struct{ to, command string }

// withSuggestions is an error with the commands that may follow it.
type withSuggestions struct {
	error
	suggestions []suggestion
}

func (e *withSuggestions) Unwrap() error { return e.error }

// Error returns the error and the suggestions as one text, as JSON mode shows it.
func (e *withSuggestions) Error() string { return e.error.Error() + e.tail() }

func (e *withSuggestions) tail() string {
	var tail strings.Builder
	for _, w := range e.suggestions {
		tail.WriteString("; to " + w.to + ": " + w.command)
	}
	return tail.String()
}

// withoutSuggestions returns the text of an error alone.
func withoutSuggestions(err error) string {
	if out := (*withSuggestions)(nil); errors.As(err, &out) {
		return strings.TrimSuffix(err.Error(), out.tail())
	}
	return err.Error()
}

// isPlainWord tells whether a word needs no quotes in any shell.
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
