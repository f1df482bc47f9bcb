package csvspec

// scanner finds the cells of records in text that ends with a record. It has no state but its place: what it finds
// depends on the text alone.
type scanner struct {
	buf     string
	at      int
	dialect dialect
	marker  marker
}

func newScanner(buf string, d dialect) scanner {
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
func (d dialect) blankLine(buf string, at int) int {
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
