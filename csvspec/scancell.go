package csvspec

import "strings"

// cell finds the cell at the scanner's place and leaves the scanner at the separator or line end behind it.
func (s *scanner) cell(index int, flaws []flaw) (span, []flaw) {
	start, open := s.at, s.at
	for open < len(s.buf) && s.buf[open] == ' ' {
		open++
	}
	if open == len(s.buf) || s.buf[open] != '"' {
		return s.plainCell(start, start, index, flaws)
	}
	c := s.dialect.closeQuote(s.buf, open, true)
	if c.state != closed {
		flaws = append(flaws, flaw{c.unclosedKind(), index, open})
		return s.plainCell(start, open+1, index, flaws)
	}
	cell := span{uint32(start), uint32(c.end), quoted}
	if c.inner != 0 {
		cell.quote = escaped
	}
	if c.inner&innerStray != 0 {
		flaws = append(flaws, flaw{FaultTextAfterQuote, index, open})
	}
	if open > start || c.end > c.quote+1 {
		flaws = append(flaws, flaw{FaultSpaceBesideQuote, index, start})
	}
	s.at = c.end
	if s.at < len(s.buf) && s.buf[s.at] == '\r' && s.dialect.newline != '\r' {
		s.at++
	}
	return cell, s.controls(cell, index, flaws)
}

// unclosedKind tells a forgotten closing quote from a closing quote with text behind it.
func (c closing) unclosedKind() FaultKind {
	if c.inner&innerStray != 0 {
		return FaultTextAfterQuote
	}
	return FaultUnclosedQuote
}

// plainCell finds the end of a cell that begins at start and is not quoted; up to from it is known.
func (s *scanner) plainCell(start, from, index int, flaws []flaw) (span, []flaw) {
	end := from
	for end < len(s.buf) && s.buf[end] != s.dialect.comma && s.buf[end] != s.dialect.newline {
		end++
	}
	s.at = end
	if end > start && s.buf[end-1] == '\r' && (end == len(s.buf) || s.buf[end] == '\n') {
		end--
	}
	cell := span{uint32(start), uint32(end), plain}
	if q := strings.IndexByte(s.buf[from:end], '"'); q >= 0 && from == start {
		flaws = append(flaws, flaw{FaultBareQuote, index, from + q})
	}
	return cell, s.controls(cell, index, flaws)
}

// controls appends the first NUL and the first other control character of the cell. Line ends inside quotes and
// tabs are no damage.
func (s *scanner) controls(c span, index int, flaws []flaw) []flaw {
	var nul, other bool
	for i, b := range s.buf[c.start:c.end] {
		switch {
		case b >= ' ' || b == '\t' || c.quote != plain && (b == '\n' || b == '\r'):
			continue
		case b == 0 && !nul:
			nul = true
			flaws = append(flaws, flaw{FaultNUL, index, int(c.start) + i})
		case b != 0 && !other:
			other = true
			flaws = append(flaws, flaw{FaultControl, index, int(c.start) + i})
		}
	}
	return flaws
}
