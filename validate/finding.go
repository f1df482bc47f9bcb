package validate

import "fmt"

// Severity says how much a finding matters.
type Severity string

// The severities, worst first.
const (
	Error   Severity = "error"   // the row would be refused, or would do something else than it says
	Warning Severity = "warning" // the row works, but probably not as meant
	Info    Severity = "info"    // worth knowing
)

// Finding is one mistake at one place. A mistake gives one finding, not a chain of consequences.
type Finding struct {
	Code         string   `json:"code"` // stable, for scripts: start_date_too_soon
	Severity     Severity `json:"severity"`
	Line         int      `json:"line"`                 // of the file, from 1; 0 when the finding is about the whole file
	Column       string   `json:"column"`               // header name; "" when the finding is about the whole row or file
	ColumnNumber int      `json:"column_number"`        // from 1; 0 when there is no such column
	Cell         string   `json:"cell,omitempty"`       // its name in a workbook: C12
	Row          int      `json:"row"`                  // data row from 1; 0 when the finding is about the header or file
	Value        string   `json:"value"`                // what was found
	Message      string   `json:"message"`              // what is wrong, in a sentence
	Fix          string   `json:"fix"`                  // what to do about it, in a sentence
	Suggestion   string   `json:"suggestion,omitempty"` // the text that would mend the cell, when there is exactly one
	Mend         Mend     `json:"mend,omitempty"`       // the command that mends it; "" when that is left to people
	Deferred     bool     `json:"deferred,omitempty"`   // an error of today only: the row is right, but starts too soon

	Excerpt Excerpt `json:"-"` // the line of the file, to be shown with the finding; blank when there is none to show
}

// Mend is a command of the program that mends what was found, with the flags that state what the file does not say.
type Mend string

// The commands. --dates and --date-order want a value: the time zone, and the order of day, month and year.
const (
	MendFix      Mend = "fix"
	MendFixDates Mend = "fix --dates"
	MendFixOrder Mend = "fix --dates --date-order"
	MendConvert  Mend = "convert"
)

// mendIf returns MendFix when the condition holds.
func mendIf(can bool) Mend {
	if can {
		return MendFix
	}
	return ""
}

// At returns the finding as the lines of a compiler are written: subs.csv:12:8: start_date "…": message. The second
// number is the column of the spreadsheet.
func (f Finding) At(file string) string {
	place := file
	if f.Line > 0 {
		place = fmt.Sprintf("%s:%d", file, f.Line)
	}
	if f.ColumnNumber > 0 {
		place = fmt.Sprintf("%s:%d", place, f.ColumnNumber)
	}
	if f.Cell != "" {
		place = file + ":" + f.Cell
	}
	if f.Column == "" {
		return fmt.Sprintf("%s: %s: %s", place, f.Severity, f.Message)
	}
	return fmt.Sprintf("%s: %s: %s %q: %s", place, f.Severity, f.Column, f.Value, f.Message)
}
