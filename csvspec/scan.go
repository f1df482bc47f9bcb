package csvspec

import "bytes"

// scanner finds the cells of records in text that ends with a record. It has no state but its place: what it finds
// depends on the text alone.
type scanner struct {
	buf     []byte
	at      int
	dialect dialect
	marker  marker
}

func newScanner(buf []byte, d dialect) scanner {
	return scanner{buf: buf, dialect: d, marker: newMarker(d.comma)}
}

// found is a record that a scanner found.
type found struct {
	start, end int  // its line ending included
	lines      int  // lines it takes
	ascii      bool // it certainly is; false says nothing
}

// flaw is a fault before its position is worked out.
type flaw struct {
	kind  FaultKind
	index int
	at    int
}

// skipBlank moves over lines that are empty or hold nothing but spaces, and returns how many.
func (s *scanner) skipBlank() (lines int) {
	for s.at < len(s.buf) && s.buf[s.at] <= ' ' {
		end := s.dialect.blankLine(s.buf, s.at)
		if end < 0 {
			break
		}
		s.at = end
		lines++
	}
	return lines
}

// blankLine returns the end of the line at at if there is nothing in it, and -1 if there is.
func (d dialect) blankLine(buf []byte, at int) int {
	for ; at < len(buf); at++ {
		switch c := buf[at]; {
		case c == d.newline:
			return at + 1
		case c != ' ' && c != '\r':
			return -1
		}
	}
	return at
}

// record finds the record at the scanner's place, which is neither a blank line nor the end, and appends its cells
// and flaws to empty slices.
func (s *scanner) record(cells []span, flaws []flaw) (found, []span, []flaw) {
	if rec, simple, ok := s.simple(cells); ok {
		return rec, simple, flaws
	}
	return s.anyRecord(cells[:0], flaws)
}

// simple finds a record of one line in which all is as RFC 4180 wants it, as nearly all are, eight bytes at a time. It
// gives up, leaving the scanner where it is, when there is more to look at: doubled quotes, damage, a quoted line
// end, or the end of the text near by.
func (s *scanner) simple(cells []span) (found, []span, bool) {
	var high uint64
	start, end := s.at, 0 // of the cell; its end is 0 unless a closing quote has been met
	open := false
	for at := s.at; at+word <= len(s.buf); at += word {
		w := load(s.buf, at)
		high |= w
		for mask := s.marker.marks(w); mask != 0; mask &= mask - 1 {
			i := at + firstMarked(mask)
			switch c := s.buf[i]; {
			case c == ' ' || c == '!' || c == '\t' && c != s.dialect.comma || open && c == s.dialect.comma:
			case c == s.dialect.comma:
				cells = append(cells, cellOf(start, i, end))
				start, end = i+1, 0
			case c == s.dialect.newline && !open:
				rec := found{start: s.at, end: i + 1, lines: 1, ascii: high&highBits == 0}
				s.at = i + 1
				if i > start && s.buf[i-1] == '\r' {
					i--
				}
				return rec, append(cells, cellOf(start, i, end)), true
			case c == '"' && open && s.endsCell(i+1):
				open, end = false, i+1
			case c == '"' && !open && i == start:
				open = true
			case c == '\r' && !open && s.endsLine(i+1):
			default:
				return found{}, cells, false
			}
		}
	}
	return found{}, cells, false
}

// cellOf returns the cell from start to its separator at at; quoteEnd is where its quotes end, or 0 if it has none.
func cellOf(start, at, quoteEnd int) span {
	c := span{start: uint32(start), end: uint32(at)}
	if quoteEnd > 0 {
		c.quote = quoted
	}
	return c
}

// endsCell tells whether a separator or a line end stands at at.
func (s *scanner) endsCell(at int) bool {
	if at >= len(s.buf) {
		return false
	}
	c := s.buf[at]
	return c == s.dialect.comma || c == s.dialect.newline || c == '\r' && s.endsLine(at+1)
}

// endsLine tells whether a line feed stands at at.
func (s *scanner) endsLine(at int) bool {
	return at < len(s.buf) && s.buf[at] == '\n' && s.dialect.newline == '\n'
}

// anyRecord finds any record.
func (s *scanner) anyRecord(cells []span, flaws []flaw) (found, []span, []flaw) {
	rec := found{start: s.at, lines: 1}
	for {
		var c span
		c, flaws = s.cell(len(cells), flaws)
		cells = append(cells, c)
		if c.quote != plain {
			rec.lines += s.dialect.linesIn(s.buf[c.start:c.end])
		}
		if s.at >= len(s.buf) {
			break
		}
		s.at++
		if s.buf[s.at-1] == s.dialect.newline {
			break
		}
	}
	rec.end = s.at
	return rec, cells, flaws
}

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
	if q := bytes.IndexByte(s.buf[from:end], '"'); q >= 0 && from == start {
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
