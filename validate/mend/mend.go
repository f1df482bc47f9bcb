// Package mend applies the fixes that are safe: those after which the file says the same in the way the format wants
// it. It changes spaces around cells, the byte order mark, the encoding, the separator, line ends, names of columns,
// TRUE and FALSE, whole numbers written as 1.0, dates that have exactly one meaning, and the case of currencies; it
// drops blank lines and rows. It never changes what an amount is or an ID, and what it has mended it leaves alone the
// next time.
package mend

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/csvspec/xlsx"
	"github.com/subferry/subferry/validate/dates"
)

// Options say what may be mended.
type Options struct {
	// Zone is where dates without a time zone are meant. Without it they are left alone, because they have no
	// meaning of their own.
	Zone *time.Location
	// Order is the order of day, month and year in dates that have two readings. Without it they are left alone.
	Order dates.Order
	// Unit is how the file states its amounts. Unless it is UnitMinor, an amount loses its decimals only when they are
	// the single 0 of pandas, without which it is the same in either unit.
	Unit csvspec.Unit
	// Sheet is the worksheet of an Excel workbook, which is written as CSV; blank is the one that has a header of the
	// format.
	Sheet string
}

// open returns how the file is read. The dates of a workbook have no zone, and are mended as other dates are.
func (o Options) open() xlsx.Options {
	return xlsx.Options{Sheet: o.Sheet, Dates: xlsx.DatesWritten, Read: csvspec.ReadOptions{Unit: o.Unit}}
}

// Kind is what was changed.
type Kind string

// The kinds of changes.
const (
	Spaces    Kind = "spaces"     // around a cell
	BOM       Kind = "bom"        // a byte order mark in front of the file
	Encoding  Kind = "encoding"   // UTF-16 or Windows-1252 is now UTF-8
	Separator Kind = "separator"  // semicolons or tabs are now commas
	LineEnds  Kind = "line_ends"  // carriage returns alone are now line feeds
	Name      Kind = "name"       // of a column
	Boolean   Kind = "boolean"    // TRUE is now true
	Date      Kind = "date"       // now in Unix seconds
	Number    Kind = "number"     // a whole number without decimals
	Currency  Kind = "currency"   // now in lower case
	Title     Kind = "title"      // rows above the header of a worksheet are dropped; said once, with the first text
	BlankRow  Kind = "blank_row"  // dropped
	BlankLine Kind = "blank_line" // dropped; said once, at the first one
	Quotes    Kind = "quotes"     // around a damaged cell, so that it is still read as it was although the separator changes
)

// Change is one thing that was mended.
type Change struct {
	Kind         Kind   `json:"kind"`
	Line         int    `json:"line"`           // of the file as it was; 0 for the whole file
	Row          int    `json:"row"`            // data row from 1; 0 for header and file
	Column       string `json:"column"`         // header name; "" for whole rows and the file
	ColumnNumber int    `json:"column_number"`  // from 1; 0 for whole rows and the file
	Cell         string `json:"cell,omitempty"` // its name in a workbook: C12
	Before       string `json:"before"`
	After        string `json:"after"`
}

// ErrUndecodable tells that the file has bytes that its encoding does not know. What they were meant to be is
// unknown: written as UTF-8 they would be lost, and a file with fewer other characters around them may be taken for
// Windows-1252 the next time.
var ErrUndecodable = errors.New("the file has bytes that its encoding does not know, and what they mean cannot be told; export it again as UTF-8, or retype the cell")

// ErrNotText tells that the file has NUL bytes in its header and so is hardly a text file.
var ErrNotText = errors.New("the header has NUL bytes; this is not a text file, or one in an encoding that is not known")

// ErrStripeExport tells that the file is Stripe's own export of subscriptions, whose columns mean something else than
// those of the format: package convert makes a template of it.
var ErrStripeExport = errors.New("this is the export of subscriptions of Stripe's Dashboard, whose columns are not those of the format: migrate convert makes a template of it")

// File reads a file from r and writes it, mended, to w. Each change is handed to visit, in the order of the file;
// what is true of the whole file comes first as far as it is known by then. Cells that are not mended are written
// byte for byte (decoded when the file is not UTF-8).
//
// The error is one of reading, writing, visit or the context, a *csvspec.ForeignError, or wraps ErrUndecodable,
// ErrNotText or ErrStripeExport. What was written to w is then of no use.
func File(ctx context.Context, r io.Reader, w io.Writer, opts Options, visit func(Change) error) (Result, error) {
	rows, file, err := xlsx.Rows(r, opts.open())
	if err != nil {
		return Result{}, err
	}
	defer file.Close()
	if rows.Header().IsStripeExport() {
		return Result{}, ErrStripeExport
	}
	m := &mender{w: bufio.NewWriterSize(w, 1<<16), opts: opts, visit: visit, rows: rows}
	m.notes()
	m.header()
	for row, err := range rows.All() {
		if err == nil {
			err = errors.Join(ctx.Err(), m.err)
		}
		if err != nil {
			return m.result, err
		}
		m.row(row)
	}
	m.notes()
	return m.result, errors.Join(m.err, m.w.Flush())
}

// Result is what was seen and not mended, counted by the reason.
type Result struct {
	Unzoned    int `json:"dates_without_zone"`    // dates without a time zone, while Options.Zone is nil
	Ambiguous  int `json:"dates_with_two_orders"` // dates whose day and month cannot be told apart
	Disordered int `json:"dates_in_other_order"`  // dates that cannot be in the order of Options.Order
	Skipped    int `json:"dates_off_the_clock"`   // dates that the clocks of the zone skip or show twice, or finer than a second
	Dates      int `json:"dates_unclear"`         // other cells in columns of dates that are not Unix seconds
	Numbers    int `json:"numbers"`               // cells that should be whole numbers and are not
	Amounts    int `json:"amounts"`               // amounts with decimals, or that are none
	Booleans   int `json:"booleans"`              // cells that should be true or false
	Columns    int `json:"columns"`               // columns that the format does not know
}

// mender is one run.
type mender struct {
	w     *bufio.Writer
	opts  Options
	visit func(Change) error
	rows  *csvspec.Reader
	told  int  // notes that have been listed
	comma bool // the separator is not a comma yet
	macs  bool // lines end with a carriage return alone
	err   error

	columns []csvspec.Column // what they are when their names are mended

	result Result
}

func (m *mender) tell(c Change) {
	if m.err == nil {
		m.err = m.visit(c)
	}
}

// notes lists what the reader has taken care of since the last time.
func (m *mender) notes() {
	all := m.rows.Notes()
	for _, n := range all[min(m.told, len(all)):] {
		if c, ok := m.noted(n); ok {
			m.tell(c)
		}
	}
	m.told = len(all)
}

// noted turns a note into a change.
func (m *mender) noted(n csvspec.Note) (Change, bool) {
	switch n.Kind {
	case csvspec.NoteBOM:
		return Change{Kind: BOM, Before: "a byte order mark", After: "none"}, true
	case csvspec.NoteUTF16:
		return Change{Kind: Encoding, Before: "UTF-16", After: "UTF-8"}, true
	case csvspec.NoteWindows1252:
		return Change{Kind: Encoding, Line: n.Line, Before: "Windows-1252", After: "UTF-8"}, true
	case csvspec.NoteSemicolon, csvspec.NoteTab:
		m.comma = true
		return Change{Kind: Separator, Before: map[bool]string{true: ";", false: "tab"}[n.Kind == csvspec.NoteSemicolon], After: ","}, true
	case csvspec.NoteSeparatorLine:
		m.comma = true
		return Change{Kind: Separator, Line: n.Line, Before: "a line sep=", After: "none"}, true
	case csvspec.NoteCarriageReturns:
		m.macs = true
		return Change{Kind: LineEnds, Before: "carriage return", After: "line feed"}, true
	case csvspec.NoteSheetTitle:
		return Change{Kind: Title, Line: n.Line, Before: n.Text, After: "none"}, true
	case csvspec.NoteBlankLines:
		return Change{Kind: BlankLine, Line: n.Line, Before: "blank lines", After: "none"}, true
	}
	return Change{}, false
}

// undecodable refuses a record with bytes whose meaning is unknown, and a header that is not text.
func (m *mender) undecodable(src *csvspec.Source) bool {
	for _, f := range src.Faults {
		if src.Row == 0 && f.Kind == csvspec.FaultNUL && m.err == nil {
			m.err = ErrNotText
		}
		if f.Kind == csvspec.FaultEncoding && m.err == nil {
			m.err = fmt.Errorf("line %d: %w", f.Line, ErrUndecodable)
		}
	}
	return m.err != nil
}
