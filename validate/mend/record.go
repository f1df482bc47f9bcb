package mend

import (
	"strings"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate/internal/csvtext"
)

// record writes a record. mend returns the new text of a cell and what was mended.
func (m *mender) record(src *csvspec.Source, mend func(i int, text string) (string, Kind)) {
	for i := range src.Len() {
		if i > 0 {
			m.write(",")
		}
		m.write(m.cellOf(src, i, mend))
	}
	end := csvtext.LineEnd(src.Raw())
	if end == "\r" || end == "" && strings.Contains(src.Raw(), "\r") {
		end = m.lineFeed(src) // without one, the carriage return would be taken for the end of a line
	}
	m.write(end)
}

// lineFeed ends a record that has carriage returns only, which is listed unless it is the way of the whole file.
func (m *mender) lineFeed(src *csvspec.Source) string {
	if !m.macs {
		m.tell(Change{Kind: LineEnds, Line: src.Line, Row: src.Row, Before: "carriage return", After: "line feed"})
	}
	return "\n"
}

func (m *mender) write(text string) {
	if m.err == nil {
		_, m.err = m.w.WriteString(text)
	}
}

// cellOf returns the cell as it is to be written.
func (m *mender) cellOf(src *csvspec.Source, i int, mend func(i int, text string) (string, Kind)) string {
	cell := src.Cell(i)
	faults := faultsOf(src, i)
	switch {
	case faults.any && m.comma:
		text, _ := mend(i, cell.Text)
		after := csvtext.Quote(text)
		m.tell(m.change(src, i, Quotes, cell.Raw, after))
		return after
	case faults.any:
		return m.raw(cell)
	}
	text, kind := mend(i, cell.Text)
	switch {
	case kind != "":
		m.tell(m.change(src, i, kind, cell.Text, text))
		return csvtext.QuoteIfNeeded(text)
	case faults.spaces:
		after := strings.Trim(cell.Raw, " ")
		m.tell(m.change(src, i, Spaces, cell.Raw, after))
		return after
	}
	return m.raw(cell)
}

func (m *mender) change(src *csvspec.Source, i int, kind Kind, before, after string) Change {
	cell := src.Cell(i)
	c := Change{Kind: kind, Line: cell.Line, Row: src.Row, ColumnNumber: i + 1, Cell: cell.Ref, Before: before, After: after}
	if columns := m.rows.Header().Columns; i < len(columns) {
		c.Column = strings.TrimSpace(columns[i].Raw)
	}
	return c
}

// raw returns the cell as it stands in the file, quoted if it would mean something else between commas.
func (m *mender) raw(cell csvspec.Cell) string {
	if m.comma && !strings.HasPrefix(strings.TrimLeft(cell.Raw, " "), `"`) && strings.ContainsAny(cell.Raw, ",") {
		return csvtext.Quote(cell.Raw)
	}
	return cell.Raw
}

// faults tells whether a cell is damaged, or has spaces beside its quotes.
type faults struct{ any, spaces bool }

func faultsOf(src *csvspec.Source, i int) faults {
	var f faults
	for _, fault := range src.Faults {
		if fault.Index != i {
			continue
		}
		switch fault.Kind {
		case csvspec.FaultSpaceBesideQuote:
			f.spaces = true
		default:
			f.any = true
		}
	}
	return f
}
