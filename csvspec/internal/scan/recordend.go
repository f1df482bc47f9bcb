package scan

import "strings"

// whole is how much of a text is whole records.
type whole struct{ end, lines, rows int }

// wholeRecords finds the end of the last record of which all is there. final tells that no more text follows.
func (d Dialect) wholeRecords(buf string, final bool) whole {
	var all whole
	e := ends{scanner: newScanner(buf, d), quote: nextQuote(buf, 0)}
	for all.end < len(buf) {
		end, lines := e.next(all.end, final)
		if end < 0 {
			break
		}
		if buf[all.end] > ' ' || d.blankLine(buf, all.end) < 0 {
			all.rows++
		}
		all.lines += lines
		all.end = end
	}
	return all
}

// ends finds the ends of records, faster than a scanner that is asked for their cells.
type ends struct {
	scanner
	quote int // place of the next quote; it may be one that has been passed
	cells []Span
}

// next returns where the record that begins at start ends, its line ending included, and how many lines it takes;
// the end is -1 if more text is needed to tell.
func (e *ends) next(start int, final bool) (end, lines int) {
	if e.quote < start {
		e.quote = nextQuote(e.buf, start)
	}
	line := strings.IndexByte(e.buf[start:], e.dialect.Newline)
	if line >= 0 && start+line < e.quote {
		return start + line + 1, 1
	}
	if line >= 0 {
		var rec extent
		var ok bool
		e.at = start
		if rec, e.cells, ok = e.simple(e.cells[:0]); ok {
			return rec.end, rec.lines
		}
	}
	return e.dialect.recordEnd(e.buf, start, final)
}

// recordEnd does what ends.next does, for any record.
func (d Dialect) recordEnd(buf string, start int, final bool) (end, lines int) {
	lines = 1
	for at := start; ; {
		line, quote := strings.IndexByte(buf[at:], d.Newline), nextQuote(buf, at)
		if line >= 0 && at+line < quote {
			return at + line + 1, lines
		}
		if quote == len(buf) {
			if !final {
				return -1, 0
			}
			return len(buf), lines
		}
		at = quote + 1
		before := quote - 1 // what the spaces in front of the quote stand behind
		for before >= start && buf[before] == ' ' {
			before--
		}
		if before >= start && buf[before] != d.Comma {
			continue // the quote does not open a cell
		}
		switch c := d.closeQuote(buf, quote, final); c.state {
		case unknown:
			return -1, 0
		case closed:
			lines += d.linesIn(buf[quote:c.end])
			at = c.end
		}
	}
}

// linesIn counts the line ends inside a quoted cell. A row of a workbook is one line, whatever its cells hold.
func (d Dialect) linesIn(cell string) int {
	if d.Sheet {
		return 0
	}
	return strings.Count(cell, string(d.Newline))
}

// nextQuote returns the place of the next quote, or the length of buf.
func nextQuote(buf string, from int) int {
	if i := strings.IndexByte(buf[from:], '"'); i >= 0 {
		return from + i
	}
	return len(buf)
}
