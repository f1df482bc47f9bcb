package cli

import "strings"

// command returns a command line that goes on with what this one did, on the same ledger.
func (s *session) command(words ...string) string { return commandLine(s.flags.state, words...) }

// undoable returns the command line of a command that talks to the account, in the same place as this one.
func (s *session) undoable(words ...string) string {
	if s.target.place == liveMode {
		words = append(words, "--live")
	}
	if s.target.base != "" {
		words = append(words, "--api-base", s.target.base)
	}
	return s.command(words...)
}

func (s *session) undoCommand(id string) string { return s.undoable("cancel", id) }

// commandLine writes a command as a user would type it.
func commandLine(state stateFlag, words ...string) string {
	if state.dir != "" {
		words = append(words, "--state", state.dir)
	}
	line := []string{"migrate"}
	for _, w := range words {
		line = append(line, quote(w))
	}
	return strings.Join(line, " ")
}
