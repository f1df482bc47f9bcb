package report

import (
	"strings"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate"
	"github.com/subferry/subferry/validate/internal/csvtext"
)

// record is a record of a file as it stands there: its bytes, its line ending, its separator.
type record struct{ text, end string }

// recordOf takes the record apart. A last line without an ending is given that of the header: another one would change
// what the endings of the other lines mean.
func recordOf(src *csvspec.Source) record {
	raw := src.Raw()
	if end := csvtext.LineEnd(raw); end != "" {
		return record{strings.TrimSuffix(raw, end), end}
	}
	if src.Header != nil && src.Header.Source() != nil {
		if end := csvtext.LineEnd(src.Header.Source().Raw()); end != "" {
			return record{raw, end}
		}
	}
	return record{raw, "\n"}
}

// separatorOf returns the separator of a file, which stands between the first two cells of its header.
func separatorOf(h *csvspec.Header) string {
	src := h.Source()
	if src == nil || src.Len() < 2 {
		return ","
	}
	first := src.Cell(0).Raw
	if at := strings.Index(src.Raw(), first); at >= 0 && len(src.Raw()) > at+len(first) {
		return src.Raw()[at+len(first) : at+len(first)+1]
	}
	return ","
}

// explain is what validate.ErrorColumn says of a row: its errors, or nothing.
func explain(found []validate.Finding, commands Commands) string {
	var list []string
	for _, f := range found {
		if f.Severity != validate.Error {
			continue
		}
		text := sentenceOf(f, commands)
		if f.Column != "" {
			text = f.Column + ": " + text
		}
		list = append(list, text)
	}
	return EscapeFormula(strings.Join(list, " | "))
}

// sentenceOf is all that there is to say about a finding: what is wrong, what to do, what to write, and the command
// that does it.
func sentenceOf(f validate.Finding, commands Commands) string {
	text := strings.TrimSpace(f.Message + " " + f.Fix)
	if f.Suggestion != "" {
		text += " write: " + f.Suggestion
	}
	if command := commands.of(f); command != "" {
		text += " " + mendedBy(f.Mend) + ": " + command
	}
	return text
}

// mendedBy introduces a command. Values that only the user knows stand in it as ZONE and ORDER, to be replaced.
func mendedBy(m validate.Mend) string {
	switch m {
	case validate.MendFixDates:
		return "mended, with your own time zone, by"
	case validate.MendFixOrder:
		return "mended, with your own time zone and order of days, by"
	}
	return "mended by"
}

// damaged tells whether the quotes of the record would mislead other programs about where its cells end.
func damaged(src *csvspec.Source) bool {
	for _, f := range src.Faults {
		switch f.Kind {
		case csvspec.FaultUnclosedQuote, csvspec.FaultTextAfterQuote, csvspec.FaultBareQuote:
			return true
		}
	}
	return false
}

// EscapeFormula returns the text as a cell that no spreadsheet takes for a formula: one that would begin like a formula
// gets an apostrophe in front.
//
// Source: OWASP, CSV injection.
func EscapeFormula(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r\n|%", rune(text[0])) {
		return "'" + text
	}
	return text
}
