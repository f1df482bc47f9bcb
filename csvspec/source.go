package csvspec

import (
	"slices"
	"strconv"
	"strings"

	"github.com/subferry/subferry/csvspec/internal/scan"
)

// Cell is one cell as it stands in the file.
type Cell struct {
	Text   string // the text without its quotes, spaces kept
	Raw    string // the very bytes between the separators, quotes and all; decoded when the file is not UTF-8
	Line   int    // line of the file where the cell begins, from 1; lines inside quoted cells count
	Byte   int    // byte within that line where the cell begins, from 1; of the decoded text when the file is not UTF-8
	Offset int64  // byte of the file where the cell begins, from 0; a workbook has none: 0
	Ref    string // the cell's name in a workbook (C12); "" for a text file
}

// Source is where a row stands in its file. Its strings stay valid when the row is read anew, its slices do not.
type Source struct {
	Row    int     // data row, from 1; the header is row 0
	Line   int     // line where the record begins, from 1; the row's number in a workbook
	Header *Header // shared by all rows of the file
	Bad    []BadCell
	Faults []Fault
	Padded bool // a cell of one of the header's columns has spaces around its text, or holds nothing else

	chunk  *scan.Chunk
	record scan.Record
}

// read finds the next record of a chunk, if there is one.
func (s *Source) read(r *scan.RecordReader) bool {
	if !r.Next(&s.record) {
		return false
	}
	s.chunk, s.Row, s.Line = r.Chunk, s.record.Row, s.record.Line
	s.Bad, s.Faults = s.Bad[:0], s.Faults[:0]
	for _, f := range s.record.Faults {
		s.fault(faultKinds[f.Kind], f.Index, f.At)
	}
	if !s.record.ASCII && !s.chunk.AllText(s.Raw()) {
		for i, c := range s.record.Cells { // the first bytes of each cell that are not text in the file's encoding
			if at := s.chunk.NotText(s.chunk.Text[c.Start:c.End]); at >= 0 {
				s.fault(FaultEncoding, i, int(c.Start)+at)
			}
		}
	}
	return true
}

// fault appends a fault with its position.
func (s *Source) fault(kind FaultKind, index, at int) {
	p := s.chunk.Place(&s.record, at)
	s.Faults = append(s.Faults, Fault{Kind: kind, Index: index, Line: p.Line, Byte: p.Byte, Offset: p.Offset})
}

// Len returns how many cells the record has, which a ragged row makes more or fewer than the header's columns.
func (s *Source) Len() int { return len(s.record.Cells) }

// Text returns the text of cell i without its quotes, spaces kept; "" when the record has no such cell. It is the
// cheap way to a cell's text.
func (s *Source) Text(i int) string {
	if i < 0 || i >= s.Len() {
		return ""
	}
	return s.record.Cells[i].Text(s.chunk.Text)
}

// Cell returns cell i with its position; the zero Cell when the record has no such cell.
func (s *Source) Cell(i int) Cell {
	if i < 0 || i >= s.Len() {
		return Cell{}
	}
	c := s.record.Cells[i]
	p := s.chunk.Place(&s.record, int(c.Start))
	cell := Cell{Text: c.Text(s.chunk.Text), Raw: s.chunk.Text[c.Start:c.End], Line: p.Line, Byte: p.Byte, Offset: p.Offset}
	if s.chunk.Dialect.Sheet {
		cell.Ref = reference(i, s.Line)
	}
	return cell
}

// Raw returns the very bytes of the record, its line ending included when it has one.
func (s *Source) Raw() string { return s.chunk.Text[s.record.Start:s.record.End] }

// Offset returns the byte of the file where the record begins, from 0.
func (s *Source) Offset() int64 { return s.chunk.Place(&s.record, s.record.Start).Offset }

// IsBlank tells whether no cell of the record holds anything but spaces: the commas that spreadsheets leave below
// their last row.
func (s *Source) IsBlank() bool {
	for i := range s.Len() {
		if strings.TrimSpace(s.Text(i)) != "" {
			return false
		}
	}
	return true
}

// Clone returns a copy that stays as it is when the row is read anew.
func (s *Source) Clone() *Source {
	c := *s
	c.Bad = slices.Clone(s.Bad)
	c.Faults = slices.Clone(s.Faults)
	c.record.Cells = slices.Clone(s.record.Cells)
	return &c
}

// reference returns the name of a workbook's cell: C12 for column 2 (from 0) of row 12.
func reference(column, row int) string {
	name := ""
	for n := column + 1; n > 0; n = (n - 1) / 26 {
		name = string(rune('A'+(n-1)%26)) + name
	}
	return name + strconv.Itoa(row)
}

// BadCell is a cell that could not be read as its column's type. The typed field of the row is left blank.
type BadCell struct {
	Index   int // of the cell, and of its column in the header
	Problem Problem
}

// Problem is why a cell could not be read.
type Problem uint8

// The problems. What to say of them is package validate's business.
const (
	ProblemNone             Problem = iota
	ProblemNotInteger               // a whole number was expected
	ProblemNotTimestamp             // Unix seconds were expected
	ProblemNotBoolean               // true or false was expected, in any case
	ProblemNotAmount                // an amount was expected
	ProblemMinorHasDecimals         // an amount with a decimal point while the unit is minor
	ProblemTooManyDecimals          // more decimals than the amount's currency has
	ProblemNoCurrency               // an amount in major units whose currency is blank or unknown
	ProblemOutOfRange               // a number that does not fit in 64 bits, or 0 as a moment, which means blank here
)

// Fault is damage to the text of a record: something the format has no place for.
type Fault struct {
	Kind   FaultKind
	Index  int   // of the cell
	Line   int   // where exactly, as in Cell
	Byte   int   // 0 in a workbook
	Offset int64 // 0 in a workbook
}

// FaultKind is what is damaged.
type FaultKind uint8

// The faults. A cell has at most one of each kind.
const (
	FaultUnclosedQuote    FaultKind = iota + 1 // the quote that opens the cell is never closed: it was read as text, to the end of its cell
	FaultTextAfterQuote                        // text after a closing quote, or a quote inside a quoted cell that is not doubled
	FaultSpaceBesideQuote                      // spaces between a quote and the separator; they were dropped
	FaultBareQuote                             // a quote inside a cell that is not quoted
	FaultNUL                                   // a NUL byte
	FaultControl                               // another control character
	FaultEncoding                              // bytes that are not UTF-8, or that the file's encoding does not know
)

// faultKinds are the faults by what finding cells calls them.
var faultKinds = [...]FaultKind{
	scan.UnclosedQuote: FaultUnclosedQuote, scan.TextAfterQuote: FaultTextAfterQuote, scan.SpaceBesideQuote: FaultSpaceBesideQuote,
	scan.BareQuote: FaultBareQuote, scan.NUL: FaultNUL, scan.Control: FaultControl,
}
