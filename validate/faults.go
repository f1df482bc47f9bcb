package validate

import (
	"slices"
	"strings"

	"github.com/subferry/subferry/csvspec"
)

// faultCheck returns a check that reports damage of the given kinds.
func faultCheck(message string, kinds ...csvspec.FaultKind) func(*Check) {
	return func(c *Check) {
		if c.head != nil && c.head.foreign {
			return
		}
		for _, fault := range c.Row.Source.Faults {
			if slices.Contains(kinds, fault.Kind) {
				c.Report(Finding{Column: columnAt(c.Row.Source.Header, fault.Index), Line: fault.Line, ColumnNumber: fault.Index + 1,
					Value: c.Row.Source.Text(fault.Index), Message: message})
			}
		}
	}
}

// faultHead is faultCheck for the header.
func faultHead(message string, kinds ...csvspec.FaultKind) func(*HeaderCheck) {
	return func(h *HeaderCheck) {
		if h.Header.Source() == nil || h.foreign() {
			return
		}
		for _, fault := range h.Header.Source().Faults {
			if slices.Contains(kinds, fault.Kind) {
				h.Report(fault.Index, Finding{Message: message})
			}
		}
	}
}

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
