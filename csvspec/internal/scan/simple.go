package scan

// simple finds a record of one line in which all is as RFC 4180 wants it, as nearly all are, eight bytes at a time. It
// gives up, leaving the scanner where it is, when there is more to look at: doubled quotes, damage, a quoted line
// end, or the end of the text near by.
func (s *scanner) simple(cells []Span) (extent, []Span, bool) {
	buf, comma, newline, marker := s.buf, s.dialect.Comma, s.dialect.Newline, s.marker
	var high uint64
	start, at := s.at, s.at // of the cell, of the word
	for ; at+word <= len(buf); at += word {
		w := load(buf, at)
		high |= w
		for mask := marker.marks(w); mask != 0; mask &= mask - 1 {
			i := at + firstMarked(mask)
			c := buf[i]
			if c == comma {
				cells = append(cells, Span{Start: uint32(start), End: uint32(i)})
				start = i + 1
				continue
			}
			if c == newline {
				rec := extent{start: s.at, end: i + 1, lines: 1, ascii: high&highBits == 0}
				s.at = i + 1
				if i > start && buf[i-1] == '\r' {
					i--
				}
				return rec, append(cells, Span{Start: uint32(start), End: uint32(i)}), true
			}
			if c > '"' || c == ' ' || c == '!' || c == '\t' || c == '\r' && s.endsLine(i+1) { // text
				continue
			}
			if c == '"' && i == start {
				return s.simpleQuoted(cells[:0])
			}
			return extent{}, cells, false
		}
	}
	return extent{}, cells, false
}

// simpleQuoted does what simple does for a record that has quotes around some cells.
func (s *scanner) simpleQuoted(cells []Span) (extent, []Span, bool) {
	var high uint64
	start, end := s.at, 0 // of the cell; its end is 0 unless a closing quote has been met
	open, comma := false, s.dialect.Comma
	for at := s.at; at+word <= len(s.buf); at += word {
		w := load(s.buf, at)
		high |= w
		for mask := s.marker.marks(w); mask != 0; mask &= mask - 1 {
			i := at + firstMarked(mask)
			switch c := s.buf[i]; {
			case c == comma && !open:
				cells = append(cells, cellOf(start, i, end))
				start, end = i+1, 0
			case c == s.dialect.Newline && !open:
				rec := extent{start: s.at, end: i + 1, lines: 1, ascii: high&highBits == 0}
				s.at = i + 1
				if i > start && s.buf[i-1] == '\r' {
					i--
				}
				return rec, append(cells, cellOf(start, i, end)), true
			case c == '"' && open && s.endsCell(i+1):
				open, end = false, i+1
			case c == '"' && !open && i == start:
				open = true
			case c > '"' || c == ' ' || c == '!' || c == '\t' || c == comma || c == '\r' && !open && s.endsLine(i+1): // text
			default:
				return extent{}, cells, false
			}
		}
	}
	return extent{}, cells, false
}

// cellOf returns the cell from start to its separator at at; quoteEnd is where its quotes end, or 0 if it has none.
func cellOf(start, at, quoteEnd int) Span {
	c := Span{Start: uint32(start), End: uint32(at)}
	if quoteEnd > 0 {
		c.Quote = quoted
	}
	return c
}

// endsCell tells whether a separator or a line end stands at at.
func (s *scanner) endsCell(at int) bool {
	if at >= len(s.buf) {
		return false
	}
	c := s.buf[at]
	return c == s.dialect.Comma || c == s.dialect.Newline || c == '\r' && s.endsLine(at+1)
}

// endsLine tells whether a line feed stands at at.
func (s *scanner) endsLine(at int) bool {
	return at < len(s.buf) && s.buf[at] == '\n' && s.dialect.Newline == '\n'
}
