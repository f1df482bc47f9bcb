package report

import "strings"

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
