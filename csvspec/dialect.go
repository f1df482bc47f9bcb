package csvspec

import "strings"

// dialect is how a file separates its cells and records.
type dialect struct {
	comma   byte // , or ; or tab, or | where a line sep=| says so
	newline byte // '\n', or '\r' in a file that has no '\n'
	sheet   bool // the records are rows of a workbook: each counts as one line
}

// detect finds out how the cells and records of a file are separated. A carriage return ends a line by itself only
// in a file whose beginning has no line feed. The separator is the one that makes most of the header known.
func detect(head string) dialect {
	d := dialect{comma: ',', newline: '\n'}
	if strings.IndexByte(head, '\n') < 0 && strings.IndexByte(head, '\r') >= 0 {
		d.newline = '\r'
	}
	if comma, ok := separatorLine(head); ok {
		d.comma = comma
		return d
	}
	best := d.knownColumns(head)
	for _, comma := range []byte{';', '\t'} {
		other := d
		other.comma = comma
		if n := other.knownColumns(head); n > best {
			d, best = other, n
		}
	}
	return d
}

// separatorLine reads the line sep=; that Excel takes, and some programs write, in front of the header.
func separatorLine(line string) (comma byte, ok bool) {
	rest, ok := strings.CutPrefix(line, "sep=")
	if !ok || len(rest) == 0 || len(rest) > 1 && rest[1] != '\r' && rest[1] != '\n' {
		return 0, false
	}
	return rest[0], strings.IndexByte(",;\t|", rest[0]) >= 0
}

// knownColumns counts the columns of the header that the format knows.
func (d dialect) knownColumns(head string) int {
	s := newScanner(head, d)
	s.skipBlank()
	if s.at == len(head) {
		return 0
	}
	rec, cells, _ := s.record(nil, nil)
	known, text := 0, head[:rec.end]
	for _, c := range cells {
		if ReadColumn(c.text(text)).Known() {
			known++
		}
	}
	return known
}

// notes returns what is unusual about the dialect.
func (d dialect) notes() []NoteKind {
	var kinds []NoteKind
	switch d.comma {
	case ';':
		kinds = append(kinds, NoteSemicolon)
	case '\t':
		kinds = append(kinds, NoteTab)
	}
	if d.newline == '\r' {
		kinds = append(kinds, NoteCarriageReturns)
	}
	return kinds
}
