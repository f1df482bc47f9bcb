package scan

import "strings"

// Dialect is how a file separates its cells and records.
type Dialect struct {
	Comma   byte // , or ; or tab, or | where a line sep=| says so
	Newline byte // '\n', or '\r' in a file that has no '\n'
	Sheet   bool // the records are rows of a workbook: each counts as one line
}

// Detect finds out how the cells and records of a file are separated. A carriage return ends a line by itself only
// in a file whose beginning has no line feed. The separator is the one that makes most of the header known, as
// known tells of one column's name.
func Detect(head string, known func(name string) bool) Dialect {
	d := Dialect{Comma: ',', Newline: '\n'}
	if strings.IndexByte(head, '\n') < 0 && strings.IndexByte(head, '\r') >= 0 {
		d.Newline = '\r'
	}
	if comma, ok := SeparatorLine(head); ok {
		d.Comma = comma
		return d
	}
	best := d.knownColumns(head, known)
	for _, comma := range []byte{';', '\t'} {
		other := d
		other.Comma = comma
		if n := other.knownColumns(head, known); n > best {
			d, best = other, n
		}
	}
	return d
}

// SeparatorLine reads the line sep=; that Excel takes, and some programs write, in front of the header.
func SeparatorLine(line string) (comma byte, ok bool) {
	rest, ok := strings.CutPrefix(line, "sep=")
	if !ok || len(rest) == 0 || len(rest) > 1 && rest[1] != '\r' && rest[1] != '\n' {
		return 0, false
	}
	return rest[0], strings.IndexByte(",;\t|", rest[0]) >= 0
}

// knownColumns counts the columns of the header that are known.
func (d Dialect) knownColumns(head string, known func(name string) bool) int {
	s := newScanner(head, d)
	s.skipBlank()
	if s.at == len(head) {
		return 0
	}
	rec, cells, _ := s.record(nil, nil)
	count, text := 0, head[:rec.end]
	for _, c := range cells {
		if known(c.Text(text)) {
			count++
		}
	}
	return count
}
