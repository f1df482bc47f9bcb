package validate

import (
	"slices"

	"github.com/subferry/subferry/csvspec"
)

// noteRule returns a rule about something that the reader has noticed of a file as a whole.
func noteRule(r Rule, kinds []csvspec.NoteKind, message string) Rule {
	r.tail = func(t *Tail) {
		for _, note := range t.notes {
			if slices.Contains(kinds, note.Kind) {
				t.report(Finding{Line: note.Line, Message: message})
			}
		}
	}
	return r
}
