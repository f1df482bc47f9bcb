package scan

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
)

// maxRecord is how many bytes a record may have: as much as memory that stays constant allows, and far more than
// any row of the format needs.
const maxRecord = 8 << 20

// ErrRecordTooLong is the cause of an Error for a record longer than 8 MiB.
var ErrRecordTooLong = errors.New("the record is longer than 8 MiB")

// Error tells where reading a file broke off.
type Error struct {
	Line   int   // line of the record that could not be read whole
	Offset int64 // byte of the file where that record begins
	Err    error
}

// Error says where reading broke off, and why.
func (e *Error) Error() string {
	return fmt.Sprintf("reading broke off in the record that begins in line %d (byte %d): %v", e.Line, e.Offset, e.Err)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// maxIdle is how often the underlying reader may give nothing without an error.
const maxIdle = 100

// Chunker cuts a file in chunks.
type Chunker struct {
	in      *Input
	buf     []byte // text not yet cut off
	Size    int    // of the chunks in bytes, if records allow
	err     error  // what ended the input; io.EOF at the end
	Dialect Dialect
	Offset  int64 // byte of the file where buf begins
	line    int   // line of the file where buf begins
	Row     int   // data row of the first record in buf, from 1; the header is row 0
	idle    int   // how often in a row reading has given nothing
}

// NewChunker reads enough of the input to tell the dialect; known tells whether a column's name is one of the format.
func NewChunker(in *Input, size int, known func(name string) bool) *Chunker {
	c := ChunkerOf(in, size, Dialect{Newline: '\n'})
	c.fill()
	c.Dialect = Detect(string(c.buf), known)
	return c
}

// ChunkerOf returns a chunker for input whose dialect is known.
func ChunkerOf(in *Input, size int, d Dialect) *Chunker {
	return &Chunker{in: in, Size: size, Offset: in.offset, line: 1, buf: make([]byte, 0, size), Dialect: d}
}

// fill reads until there is text for one chunk, or no more input.
func (c *Chunker) fill() {
	for c.err == nil && len(c.buf) < c.Size {
		if len(c.buf) == cap(c.buf) {
			c.buf = append(c.buf, 0)[:len(c.buf)]
		}
		c.read()
	}
}

// read reads once, and notes where Windows-1252 shows first.
func (c *Chunker) read() {
	before, enc := len(c.buf), c.in.enc
	c.buf, c.err = c.in.more(c.buf)
	if enc != windows1252 && c.in.enc == windows1252 {
		high := before + firstHigh(c.buf[before:])
		line := c.line + bytes.Count(c.buf[:high], []byte{c.Dialect.Newline})
		c.in.Windows1252 = &Place{Line: line, Offset: c.Offset + int64(high)}
	}
	if c.idle++; len(c.buf) > before {
		c.idle = 0
	}
	if c.idle > maxIdle && c.err == nil {
		c.err = io.ErrNoProgress
	}
}

// Next cuts off the next chunk. The error is io.EOF at the end of the file, else an *Error.
func (c *Chunker) Next() (*Chunk, error) {
	for {
		c.fill()
		text := string(c.buf)
		cut := c.Dialect.wholeRecords(text, c.err == io.EOF)
		switch {
		case cut.end > 0:
			return c.take(text[:cut.end], cut), nil
		case c.err == io.EOF:
			return nil, io.EOF
		case c.err != nil:
			return nil, &Error{c.line, c.Offset, c.err}
		case len(c.buf) > maxRecord:
			return nil, &Error{c.line, c.Offset, ErrRecordTooLong}
		}
		c.Size *= 2
	}
}

// take turns the text that was cut off into a chunk.
func (c *Chunker) take(text string, cut whole) *Chunk {
	taken := &Chunk{Text: text, offset: c.Offset, line: c.line, row: c.Row, Enc: c.in.enc, Dialect: c.Dialect}
	rest := c.buf[len(text):]
	c.buf = append(slices.Grow(c.buf[:0], c.Size), rest...)
	c.Offset += taken.Enc.width(text)
	c.line += cut.lines
	c.Row += cut.rows
	return taken
}
