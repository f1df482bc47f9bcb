package csvspec

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// maxRecord is how many bytes a record may have: as much as memory that stays constant allows, and far more than
// any row of the format needs.
const maxRecord = 8 << 20

// maxSpares is how many buffers wait to be used again.
const maxSpares = 4

// maxIdle is how often the underlying reader may give nothing without an error.
const maxIdle = 100

// ErrRecordTooLong is the cause of a ReadError when a record is longer than 8 MiB. Such a file is not a CSV file
// with rows of this format, or its lines end with something other than a line feed or a carriage return.
var ErrRecordTooLong = errors.New("the record is longer than 8 MiB")

// ReadError tells where reading a file broke off. The records before have been read; nothing after has.
type ReadError struct {
	Line   int   // line of the record that could not be read whole
	Offset int64 // byte of the file where that record begins
	Err    error // what the underlying reader said, or ErrRecordTooLong
}

// Error says where reading broke off, and why.
func (e *ReadError) Error() string {
	return fmt.Sprintf("reading broke off in the record that begins in line %d (byte %d): %v", e.Line, e.Offset, e.Err)
}

// Unwrap returns the cause.
func (e *ReadError) Unwrap() error { return e.Err }

// cutter cuts a file in chunks.
type cutter struct {
	in      *input
	buf     []byte // text not yet cut off
	size    int    // of the chunks, if records allow
	err     error  // what ended the input; io.EOF at the end
	dialect dialect
	offset  int64 // byte of the file where buf begins
	line    int   // line of the file where buf begins
	row     int   // data row of the first record in buf, from 1
	idle    int   // how often in a row reading has given nothing
	spares  chan []byte
}

// newCutter reads enough of the input to tell the dialect.
func newCutter(in *input, size int) *cutter {
	c := startCutter(in, size, dialect{newline: '\n'})
	c.fill()
	c.dialect = detect(c.buf)
	return c
}

// startCutter returns a cutter for input whose dialect is known.
func startCutter(in *input, size int, d dialect) *cutter {
	return &cutter{in: in, size: size, offset: in.offset, line: 1, buf: make([]byte, 0, size),
		spares: make(chan []byte, maxSpares), dialect: d}
}

// fill reads until there is text for one chunk, or no more input.
func (c *cutter) fill() {
	for c.err == nil && len(c.buf) < c.size {
		if len(c.buf) == cap(c.buf) {
			c.buf = append(c.buf, 0)[:len(c.buf)]
		}
		c.read()
	}
}

// read reads once, and notes where Windows-1252 shows first.
func (c *cutter) read() {
	before, enc := len(c.buf), c.in.enc
	c.buf, c.err = c.in.more(c.buf)
	if enc != windows1252 && c.in.enc == windows1252 {
		high := before + firstHigh(c.buf[before:])
		line := c.line + bytes.Count(c.buf[:high], []byte{c.dialect.newline})
		c.in.note(NoteWindows1252, line, c.offset+int64(high))
	}
	if c.idle++; len(c.buf) > before {
		c.idle = 0
	}
	if c.idle > maxIdle && c.err == nil {
		c.err = io.ErrNoProgress
	}
}

// next cuts off the next chunk. The error is io.EOF at the end of the file, else a *ReadError.
func (c *cutter) next() (*chunk, error) {
	for {
		c.fill()
		cut := c.dialect.wholeRecords(c.buf, c.err == io.EOF)
		switch {
		case cut.end > 0:
			return c.take(cut), nil
		case c.err == io.EOF:
			return nil, io.EOF
		case c.err != nil:
			return nil, &ReadError{c.line, c.offset, c.err}
		case len(c.buf) > maxRecord:
			return nil, &ReadError{c.line, c.offset, ErrRecordTooLong}
		}
		c.size *= 2
	}
}

// take turns what was cut off into a chunk, which owns its bytes until they are given back with reuse.
func (c *cutter) take(cut cut) *chunk {
	taken := &chunk{bytes: c.buf[:cut.end], offset: c.offset, line: c.line, row: c.row, enc: c.in.enc, dialect: c.dialect}
	rest := c.buf[cut.end:]
	c.buf = append(c.spare(), rest...)
	c.offset += taken.enc.widthOf(taken.bytes)
	c.line += cut.lines
	c.row += cut.rows
	return taken
}

// spare returns an empty buffer.
func (c *cutter) spare() []byte {
	select {
	case b := <-c.spares:
		return b[:0]
	default:
		return make([]byte, 0, c.size)
	}
}

// reuse takes back the bytes of a chunk. It may be called while chunks are cut.
func (c *cutter) reuse(b []byte) {
	select {
	case c.spares <- b:
	default:
	}
}

// cut is how much of a text is whole records.
type cut struct{ end, lines, rows int }

// wholeRecords finds the end of the last record of which all is there. final tells that no more text follows.
func (d dialect) wholeRecords(buf []byte, final bool) cut {
	var whole cut
	e := ends{scanner: newScanner(buf, d), quote: nextQuote(buf, 0)}
	for whole.end < len(buf) {
		end, lines := e.next(whole.end, final)
		if end < 0 {
			break
		}
		if buf[whole.end] > ' ' || d.blankLine(buf, whole.end) < 0 {
			whole.rows++
		}
		whole.lines += lines
		whole.end = end
	}
	return whole
}

// ends finds the ends of records, faster than a scanner that is asked for their cells.
type ends struct {
	scanner
	quote int // place of the next quote; it may be one that has been passed
	cells []span
}

// next returns where the record that begins at start ends, its line ending included, and how many lines it takes;
// the end is -1 if more text is needed to tell.
func (e *ends) next(start int, final bool) (end, lines int) {
	if e.quote < start {
		e.quote = nextQuote(e.buf, start)
	}
	line := bytes.IndexByte(e.buf[start:], e.dialect.newline)
	if line >= 0 && start+line < e.quote {
		return start + line + 1, 1
	}
	if line >= 0 {
		var rec found
		var ok bool
		e.at = start
		if rec, e.cells, ok = e.simple(e.cells[:0]); ok {
			return rec.end, rec.lines
		}
	}
	return e.dialect.recordEnd(e.buf, start, final)
}

// recordEnd does what ends.next does, for any record.
func (d dialect) recordEnd(buf []byte, start int, final bool) (end, lines int) {
	lines = 1
	for at := start; ; {
		line, quote := bytes.IndexByte(buf[at:], d.newline), nextQuote(buf, at)
		if line >= 0 && at+line < quote {
			return at + line + 1, lines
		}
		if quote == len(buf) {
			return endOr(final, len(buf)), lines
		}
		at = quote + 1
		if !d.opens(buf, start, quote) {
			continue
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

// endOr returns end if it is certain, else -1.
func endOr(certain bool, end int) int {
	if certain {
		return end
	}
	return -1
}

// opens tells whether the quote at at opens a cell: only spaces stand between it and the separator or the start of
// the record.
func (d dialect) opens(buf []byte, start, at int) bool {
	for at--; at >= start && buf[at] == ' '; at-- {
	}
	return at < start || buf[at] == d.comma
}

// linesIn counts the line ends inside a quoted cell. A row of a workbook is one line, whatever its cells hold.
func (d dialect) linesIn(cell []byte) int {
	if d.sheet {
		return 0
	}
	return bytes.Count(cell, []byte{d.newline})
}

// nextQuote returns the place of the next quote, or the length of buf.
func nextQuote(buf []byte, from int) int {
	if i := bytes.IndexByte(buf[from:], '"'); i >= 0 {
		return from + i
	}
	return len(buf)
}
