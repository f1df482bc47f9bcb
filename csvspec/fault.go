package csvspec

import (
	"strings"
	"unicode/utf8"
)

// report turns flaws into faults with positions, and looks for bytes that are not text unless the record is ASCII.
func (s *Source) report(flaws []flaw, ascii bool) {
	s.Faults = s.Faults[:0]
	for _, f := range flaws {
		s.fault(f)
	}
	if ascii {
		return
	}
	if raw := s.Raw(); !utf8.ValidString(raw) || s.chunk.enc > utf8Text && strings.ContainsRune(raw, utf8.RuneError) {
		s.encodingFaults()
	}
}

// fault appends a fault with its position.
func (s *Source) fault(f flaw) {
	p := s.place(f.at)
	s.Faults = append(s.Faults, Fault{Kind: f.kind, Index: f.index, Line: p.line, Byte: p.col, Offset: p.offset})
}

// encodingFaults reports the first bytes of each cell that are not text in the file's encoding.
func (s *Source) encodingFaults() {
	for i, c := range s.cells {
		if at := notText(s.chunk.text[c.start:c.end], s.chunk.enc); at >= 0 {
			s.fault(flaw{FaultEncoding, i, int(c.start) + at})
		}
	}
}

// notText returns the place of the first character that is not one, or -1. In a decoded file that is the
// replacement character; in UTF-8 it may stand for itself.
func notText(text string, enc encoding) int {
	for i, r := range text {
		if r != utf8.RuneError {
			continue
		}
		if _, size := utf8.DecodeRuneInString(text[i:]); size == 1 || enc > utf8Text {
			return i
		}
	}
	return -1
}
