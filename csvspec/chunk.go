package csvspec

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// chunk is a piece of a file that begins and ends with a record. Records are read from chunks, many at once if
// wanted, because a chunk knows where it stands.
type chunk struct {
	text    string // UTF-8, or what the file has in its place
	offset  int64  // byte of the file where text begins
	line    int    // line of the file where text begins, from 1
	row     int    // data row of the first record in text
	enc     encoding
	dialect dialect
}

// span is a cell's place in its chunk's text.
type span struct {
	start, end uint32
	quote      quoting
}

// quoting is how a cell is to be unquoted.
type quoting uint8

const (
	plain   quoting = iota
	quoted          // quotes around it, none inside
	escaped         // quotes around it, doubled ones inside
)

// text returns the cell without its quotes.
func (s span) text(all string) string {
	raw := all[s.start:s.end]
	if s.quote == plain {
		return raw
	}
	if raw[0] != '"' || raw[len(raw)-1] != '"' {
		raw = strings.Trim(raw, " ")
	}
	raw = raw[1 : len(raw)-1]
	if s.quote == escaped {
		return strings.ReplaceAll(raw, `""`, `"`)
	}
	return raw
}

// place is a position in three ways of counting.
type place struct {
	line, col int
	offset    int64
}

// place returns the position of byte at of the chunk's text, which must lie in the record.
func (s *Source) place(at int) place {
	c := s.chunk
	if c.dialect.sheet {
		return place{line: s.Line}
	}
	nl := c.dialect.newline
	before := c.text[s.start:at]
	p := place{line: s.Line, offset: c.offset + c.enc.width(c.text[:at])}
	p.line += strings.Count(before, string(nl))
	p.col = len(before) - strings.LastIndexByte(before, nl)
	return p
}

// reference returns the name of a workbook's cell: C12 for column 2 (from 0) of row 12.
func reference(column, row int) string {
	name := ""
	for n := column + 1; n > 0; n = (n - 1) / 26 {
		name = string(rune('A'+(n-1)%26)) + name
	}
	return name + strconv.Itoa(row)
}

// encoding is how a file writes its characters.
type encoding uint8

const (
	ascii encoding = iota // so far
	utf8Text
	windows1252
	utf16LE
	utf16BE
)

// width returns how many bytes the text takes in the file.
func (e encoding) width(text string) int64 {
	switch e {
	case windows1252:
		return int64(utf8.RuneCountInString(text))
	case utf16LE, utf16BE:
		n := 0
		for _, r := range text {
			n += 2
			if r > 0xFFFF {
				n += 2
			}
		}
		return int64(n)
	default:
		return int64(len(text))
	}
}
