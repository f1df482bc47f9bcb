package cli

import (
	"context"
	"errors"
	"strings"

	"github.com/subferry/subferry/migrate"
)

// errorJSON is an error as JSON mode prints it.
type errorJSON struct {
	Code     string `json:"code"`
	Message  string `json:"message"`
	ExitCode int    `json:"exit_code"`

	Migration string `json:"migration,omitempty"` // the earlier one, when the file was migrated before
}

func (a *app) errorJSON(err error) *errorJSON {
	if err == nil {
		return nil
	}
	code, exit := a.classify(err)
	p := &errorJSON{Code: code, Message: err.Error(), ExitCode: exit}
	var already *migrate.AlreadyMigratedError
	if errors.As(err, &already) {
		p.Migration = already.ID
	}
	if errors.Is(err, migrate.ErrInterrupted) {
		p.Message = migrate.ErrInterrupted.Error() // and not the errors of the requests that the second Ctrl-C has aborted
	}
	if errors.Is(err, context.Canceled) && !errors.Is(err, migrate.ErrInterrupted) {
		p.Message = "interrupted; nothing was changed"
	}
	return p
}

// alreadyPrinted is an error whose details stdout has already: JSON mode prints no second object.
type alreadyPrinted struct{ error }

func (p *alreadyPrinted) Unwrap() error { return p.error }

// finish prints a command's error, if any, and returns the exit code.
func (a *app) finish(command string, err error) int {
	if err == nil {
		return ExitDone
	}
	if !a.started && asksForJSON(a.env.Args) {
		a.output = formatJSON // the flag may stand behind the one that was not understood
	}
	p := a.errorJSON(err)
	var done *alreadyPrinted
	if a.output == formatJSON && !errors.As(err, &done) {
		// A standard output that cannot be written is told beside the error, and does not replace its exit code.
		if err := a.printJSON(struct {
			Error *errorJSON `json:"error"`
		}{p}); err != nil {
			a.say("%s: %v", programName(a.env.Program), err)
		}
	}
	text, suggestions := p.Message, []suggestion(nil)
	if out := (*withSuggestions)(nil); errors.As(err, &out) && strings.HasSuffix(text, out.tail()) {
		text, suggestions = strings.TrimSuffix(text, out.tail()), out.suggestions
	}
	a.say("%s: %s", programName(a.env.Program), a.colour("31", text))
	for _, w := range suggestions { // each in a line of its own, whose end can be pasted
		a.say("To %s: %s", w.to, w.command)
	}
	var stripe *migrate.StripeError
	if errors.As(err, &stripe) && p.Code != "interrupted" {
		if text := migrate.Advice(stripe); text != "" {
			a.say("%s", text)
		}
	}
	if p.ExitCode == ExitUsage {
		a.say("%s explains it.", a.commandLine(stateFlag{}, append(strings.Fields(command)[1:], "--help")...))
	}
	return p.ExitCode
}
