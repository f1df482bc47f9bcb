package schedule

import (
	"fmt"
	"strconv"
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

// refusal returns the error for a row; its line is filled in by FromRow.
func refusal(code, column, reason string, ways ...string) *NotExpressibleError {
	return &NotExpressibleError{Code: code, Column: column, Reason: reason, Ways: ways}
}

// when writes a moment for people and for the cell: 2026-01-31T00:00:00Z (1769817600).
func when(t csvspec.Timestamp) string { return fmt.Sprintf("%s (%d)", t, int64(t)) }

// refuseCells refuses a row that lacks what every schedule needs, or whose columns contradict each other.
func refuseCells(row *csvspec.Row) *NotExpressibleError {
	sends := row.CollectionMethod == "send_invoice"
	switch {
	case row.Source != nil && len(row.Source.Bad) > 0:
		index, column := row.Source.Bad[0].Index, ""
		if header := row.Source.Header; header != nil && index >= 0 && index < len(header.Columns) {
			column = header.Columns[index].Name
		} else { // a row with more cells than the header
			column = "cell " + strconv.Itoa(index+1)
		}
		return refusal("cell_unreadable", column,
			"the cell could not be read, and a schedule made without it would not be what the row says", "correct the cell")
	case row.Customer == "":
		return refusal("customer_missing", "customer", "the cell is blank", "write the customer's ID, cus_…")
	case row.StartDate.IsBlank():
		return refusal("start_date_missing", "start_date", "the cell is blank", "write the start in Unix seconds")
	case bool(row.AutomaticTax) && row.DefaultTaxRate != "":
		return refusal("tax_conflict", "default_tax_rate", "automatic_tax is true as well", "keep one of the two")
	case sends && !row.DaysUntilDue.Set:
		return refusal("days_until_due_missing", "days_until_due", "collection_method is send_invoice", "write the number of days, 30 for example")
	case !sends && row.DaysUntilDue.Set:
		return refusal("days_until_due_alone", "days_until_due", "it is for collection_method send_invoice only",
			"empty the cell", "write send_invoice in collection_method")
	}
	return nil
}
