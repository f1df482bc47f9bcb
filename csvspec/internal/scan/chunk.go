package scan

import (
	"strings"
	"unicode/utf8"
)

// Chunk is a part of a file that begins and ends with a record.
type Chunk struct {
	Text    string // UTF-8, or what the file has in its place
	Dialect Dialect
	Enc     Encoding
	offset  int64 // byte of the file where Text begins
	line    int   // line of the file where Text begins, from 1
	row     int   // data row of the first record in Text
}

// Span is a cell's place in its chunk's text.
type Span struct {
	Start, End uint32
	Quote      Quoting
}

// Quoting is how a cell is to be unquoted.
type Quoting uint8

// The kinds of quoting.
const (
	Plain   Quoting = iota
	quoted          // quotes around it, none inside
	escaped         // quotes around it, doubled ones inside
)

// Text returns the cell without its quotes, given the text of its chunk.
func (s Span) Text(all string) string {
	raw := all[s.Start:s.End]
	if s.Quote == Plain {
		return raw
	}
	if raw[0] != '"' || raw[len(raw)-1] != '"' {
		raw = strings.Trim(raw, " ")
	}
	raw = raw[1 : len(raw)-1]
	if s.Quote == escaped {
		return strings.ReplaceAll(raw, `""`, `"`)
	}
	return raw
}

// Place is a position in the file: its line and the byte within that line, both from 1, and the byte of the file, from
// 0. A workbook has lines only.
type Place struct {
	Line, Byte int
	Offset     int64
}

// Place returns the position of byte at of the chunk's text, which must lie in the record.
func (c *Chunk) Place(rec *Record, at int) Place {
	if c.Dialect.Sheet {
		return Place{Line: rec.Line}
	}
	before := c.Text[rec.Start:at]
	return Place{
		Line:   rec.Line + strings.Count(before, string(c.Dialect.Newline)),
		Byte:   len(before) - strings.LastIndexByte(before, c.Dialect.Newline),
		Offset: c.offset + c.Enc.width(c.Text[:at]),
	}
}

// NotText returns the place in a part of the chunk's text of the first character that is not one in the file's
// encoding, or -1. In a decoded file that is the replacement character; in UTF-8 it may stand for itself.
func (c *Chunk) NotText(text string) int {
	for i, r := range text {
		if r != utf8.RuneError {
			continue
		}
		if _, size := utf8.DecodeRuneInString(text[i:]); size == 1 || c.Enc.decoded() {
			return i
		}
	}
	return -1
}

// AllText tells whether a part of the chunk's text holds nothing but characters.
func (c *Chunk) AllText(text string) bool {
	return utf8.ValidString(text) && !(c.Enc.decoded() && strings.ContainsRune(text, utf8.RuneError))
}
