package scan

import "strings"

// cell finds the cell at the scanner's place and leaves the scanner at the separator or line end behind it.
func (s *scanner) cell(index int, faults []RawFault) (Span, []RawFault) {
	start, open := s.at, s.at
	for open < len(s.buf) && s.buf[open] == ' ' {
		open++
	}
	if open == len(s.buf) || s.buf[open] != '"' {
		return s.plainCell(start, start, index, faults)
	}
	c := s.dialect.closeQuote(s.buf, open, true)
	if c.state != closed {
		kind := UnclosedQuote
		if c.inner&innerStray != 0 {
			kind = TextAfterQuote // not a forgotten quote, but one with text behind it
		}
		faults = append(faults, RawFault{kind, index, open})
		return s.plainCell(start, open+1, index, faults)
	}
	cell := Span{uint32(start), uint32(c.end), quoted}
	if c.inner != 0 {
		cell.Quote = escaped
	}
	if c.inner&innerStray != 0 {
		faults = append(faults, RawFault{TextAfterQuote, index, open})
	}
	if open > start || c.end > c.quote+1 {
		faults = append(faults, RawFault{SpaceBesideQuote, index, start})
	}
	s.at = c.end
	if s.at < len(s.buf) && s.buf[s.at] == '\r' && s.dialect.Newline != '\r' {
		s.at++
	}
	return cell, s.controls(cell, index, faults)
}

// plainCell finds the end of a cell that begins at start and is not quoted; up to from it is known.
func (s *scanner) plainCell(start, from, index int, faults []RawFault) (Span, []RawFault) {
	end := from
	for end < len(s.buf) && s.buf[end] != s.dialect.Comma && s.buf[end] != s.dialect.Newline {
		end++
	}
	s.at = end
	if end > start && s.buf[end-1] == '\r' && (end == len(s.buf) || s.buf[end] == '\n') {
		end--
	}
	cell := Span{uint32(start), uint32(end), Plain}
	if q := strings.IndexByte(s.buf[from:end], '"'); q >= 0 && from == start {
		faults = append(faults, RawFault{BareQuote, index, from + q})
	}
	return cell, s.controls(cell, index, faults)
}

// controls appends the first NUL and the first other control character of the cell. Line ends inside quotes and
// tabs are no damage.
func (s *scanner) controls(c Span, index int, faults []RawFault) []RawFault {
	var nul, other bool
	for i, b := range s.buf[c.Start:c.End] {
		switch {
		case b >= ' ' || b == '\t' || c.Quote != Plain && (b == '\n' || b == '\r'):
			continue
		case b == 0 && !nul:
			nul = true
			faults = append(faults, RawFault{NUL, index, int(c.Start) + i})
		case b != 0 && !other:
			other = true
			faults = append(faults, RawFault{Control, index, int(c.Start) + i})
		}
	}
	return faults
}
