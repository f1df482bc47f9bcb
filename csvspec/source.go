package csvspec

import "strings"

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

	chunk      *chunk
	start, end int // the record in the chunk's text, its line ending included
	cells      []span
}

// Len returns how many cells the record has, which a ragged row makes more or fewer than the header's columns.
func (s *Source) Len() int { return len(s.cells) }

// Text returns the text of cell i without its quotes, spaces kept; "" when the record has no such cell. It is the
// cheap way to a cell's text.
func (s *Source) Text(i int) string {
	if i < 0 || i >= len(s.cells) {
		return ""
	}
	return s.cells[i].text(s.chunk.text)
}

// Cell returns cell i with its position; the zero Cell when the record has no such cell.
func (s *Source) Cell(i int) Cell {
	if i < 0 || i >= len(s.cells) {
		return Cell{}
	}
	c := s.cells[i]
	p := s.place(int(c.start))
	cell := Cell{Text: c.text(s.chunk.text), Raw: s.chunk.text[c.start:c.end], Line: p.line, Byte: p.col, Offset: p.offset}
	if s.chunk.dialect.sheet {
		cell.Ref = reference(i, s.Line)
	}
	return cell
}

// Raw returns the very bytes of the record, its line ending included when it has one.
func (s *Source) Raw() string { return s.chunk.text[s.start:s.end] }

// Offset returns the byte of the file where the record begins, from 0.
func (s *Source) Offset() int64 { return s.place(s.start).offset }

// IsBlank tells whether no cell of the record holds anything but spaces: the commas that spreadsheets leave below
// their last row.
func (s *Source) IsBlank() bool {
	for i := range s.cells {
		if strings.TrimSpace(s.Text(i)) != "" {
			return false
		}
	}
	return true
}

// Clone returns a copy that stays as it is when the row is read anew.
func (s *Source) Clone() *Source {
	c := *s
	c.Bad = append([]BadCell(nil), s.Bad...)
	c.Faults = append([]Fault(nil), s.Faults...)
	c.cells = append([]span(nil), s.cells...)
	return &c
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
