package migrate

import (
	"fmt"
	"strings"

	"github.com/subferry/subferry/csvspec"
)

// NotExpressibleError is a row that no subscription schedule expresses, or that lacks what a schedule needs.
// Package validate finds these rows first and in better words; this is what keeps one that came past it from
// being charged. Where both speak of the same mistake, Code is the code of validate's rule.
type NotExpressibleError struct {
	Code   string   // stable, for scripts: anchor_prorated
	Line   int      // of the file, from 1; 0 for a row that a program built
	Column string   // the column to look at
	Reason string   // why not, in a sentence without its full stop
	Ways   []string // the ways out, each something the reader can do
}

// Error tells place, reason and ways out.
func (e *NotExpressibleError) Error() string {
	var b strings.Builder
	if e.Line > 0 {
		fmt.Fprintf(&b, "line %d: ", e.Line)
	}
	fmt.Fprintf(&b, "%s: %s", e.Column, e.Reason)
	for i, way := range e.Ways {
		separator := "; or "
		if i == 0 {
			separator = ". To mend it: "
		}
		b.WriteString(separator + way)
	}
	return b.String()
}

// refusal returns the error for a row; its place is filled in by Plan.
func refusal(code, column, reason string, ways ...string) *NotExpressibleError {
	return &NotExpressibleError{Code: code, Column: column, Reason: reason, Ways: ways}
}

// when writes a moment for people and for the cell: 2026-01-31T00:00:00Z (1769817600).
func when(t csvspec.Timestamp) string { return fmt.Sprintf("%s (%d)", t, int64(t)) }
