package validate

import (
	"strings"

	"github.com/subferry/subferry/csvspec"
)

// noteRule returns a rule about what the reader has noticed of a file as a whole, with a message for each kind of note,
// in which {} stands for the text of the note.
func noteRule(r Rule, messages map[csvspec.NoteKind]string) Rule {
	r.File = func(t *FileCheck) {
		for _, note := range t.Notes {
			if message, ok := messages[note.Kind]; ok {
				t.Report(Finding{Line: note.Line, Message: strings.ReplaceAll(message, "{}", note.Text)})
			}
		}
	}
	return r
}
