package csvspec

import (
	"bytes"
	"io"
	"slices"
)

// maxRecord is how many bytes a record may have: as much as memory that stays constant allows, and far more than
// any row of the format needs.
const maxRecord = 8 << 20

// maxIdle is how often the underlying reader may give nothing without an error.
const maxIdle = 100

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
}

// newCutter reads enough of the input to tell the dialect.
func newCutter(in *input, size int) *cutter {
	c := startCutter(in, size, dialect{newline: '\n'})
	c.fill()
	c.dialect = detect(string(c.buf))
	return c
}

// startCutter returns a cutter for input whose dialect is known.
func startCutter(in *input, size int, d dialect) *cutter {
	return &cutter{in: in, size: size, offset: in.offset, line: 1, buf: make([]byte, 0, size), dialect: d}
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
		text := string(c.buf)
		cut := c.dialect.wholeRecords(text, c.err == io.EOF)
		switch {
		case cut.end > 0:
			return c.take(text[:cut.end], cut), nil
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

// take turns the text that was cut off into a chunk.
func (c *cutter) take(text string, cut cut) *chunk {
	taken := &chunk{text: text, offset: c.offset, line: c.line, row: c.row, enc: c.in.enc, dialect: c.dialect}
	rest := c.buf[len(text):]
	c.buf = append(slices.Grow(c.buf[:0], c.size), rest...)
	c.offset += taken.enc.width(text)
	c.line += cut.lines
	c.row += cut.rows
	return taken
}
