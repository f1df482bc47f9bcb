package scan

// scanner finds the cells of records in text that ends with a record. It has no state but its place: what it finds
// depends on the text alone.
type scanner struct {
	buf     string
	at      int
	dialect Dialect
	marker  marker
}

func newScanner(buf string, d Dialect) scanner {
	return scanner{buf: buf, dialect: d, marker: newMarker(d.Comma)}
}

// extent is the part of the text that a record takes.
type extent struct {
	start, end int  // its line ending included
	lines      int  // lines it takes
	ascii      bool // it certainly is; false says nothing
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
func (d Dialect) blankLine(buf string, at int) int {
	for ; at < len(buf); at++ {
		switch c := buf[at]; {
		case c == d.Newline:
			return at + 1
		case c != ' ' && c != '\r':
			return -1
		}
	}
	return at
}

// record finds the record at the scanner's place, which is neither a blank line nor the end, and appends its cells
// and faults to empty slices.
func (s *scanner) record(cells []Span, faults []RawFault) (extent, []Span, []RawFault) {
	if rec, simple, ok := s.simple(cells); ok {
		return rec, simple, faults
	}
	return s.anyRecord(cells[:0], faults)
}

// anyRecord finds any record.
func (s *scanner) anyRecord(cells []Span, faults []RawFault) (extent, []Span, []RawFault) {
	rec := extent{start: s.at, lines: 1}
	for {
		var c Span
		c, faults = s.cell(len(cells), faults)
		cells = append(cells, c)
		if c.Quote != Plain {
			rec.lines += s.dialect.linesIn(s.buf[c.Start:c.End])
		}
		if s.at >= len(s.buf) {
			break
		}
		s.at++
		if s.buf[s.at-1] == s.dialect.Newline {
			break
		}
	}
	rec.end = s.at
	return rec, cells, faults
}
