package csvspec

import "bytes"

// dialect is how a file separates its cells and records.
type dialect struct {
	comma   byte // , or ; or tab
	newline byte // '\n', or '\r' in a file that has no '\n'
	sheet   bool // the records are rows of a workbook: each counts as one line
}

// detect finds out how the cells and records of a file are separated. A carriage return ends a line by itself only
// in a file whose beginning has no line feed. The separator is the one that makes most of the header known.
func detect(head []byte) dialect {
	d := dialect{comma: ',', newline: '\n'}
	if bytes.IndexByte(head, '\n') < 0 && bytes.IndexByte(head, '\r') >= 0 {
		d.newline = '\r'
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

// knownColumns counts the columns of the header that the format knows.
func (d dialect) knownColumns(head []byte) int {
	s := newScanner(head, d)
	s.skipBlank()
	if s.at == len(head) {
		return 0
	}
	_, cells, _ := s.record(nil, nil)
	known := 0
	for _, c := range cells {
		if ReadColumn(c.text(string(head))).Known() {
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
