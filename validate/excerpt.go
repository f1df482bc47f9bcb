package validate

import (
	"strings"
	"unicode/utf8"

	"github.com/subferry/subferry/csvspec"
)

// Excerpt is a line of the file with the place of a cell in it.
type Excerpt struct {
	Text       string // the line, or the part of a long line around the cell, as it stands in the file
	Start, End int    // bytes of Text that are the cell; both 0 when it is about the whole line
	Column     int    // character of the whole line at which the cell begins, from 1; 0 for the whole line
	EndColumn  int    // character behind its last one on this line
}

const (
	// excerptSide is how many bytes of a line are shown on each side of the beginning of a cell.
	excerptSide = 100
	// excerptCell is how many bytes of a long cell are shown.
	excerptCell = 4 * excerptSide
)

// newExcerpt cuts the line, and marks cell i in it. A row of a workbook has no lines to show, nor has a row that
// holds what looks like a secret key.
func newExcerpt(src *csvspec.Source, line, i int) Excerpt {
	raw := src.Raw()
	cell := src.Cell(i)
	if cell.Ref != "" || src.Cell(0).Ref != "" || strings.Contains(raw, "sk_") || strings.Contains(raw, "rk_") {
		return Excerpt{}
	}
	text := nthLine(raw, line-src.Line)
	if cell.Line != line || cell.Byte < 1 || cell.Byte-1 > len(text) {
		return Excerpt{Text: cut(text, 0, 2*excerptSide)}
	}
	start := cell.Byte - 1
	end := min(start+len(nthLine(cell.Raw, 0)), len(text))
	from := max(0, start-excerptSide)
	shown := cut(text, from, max(min(end, start+excerptCell), start+excerptSide))
	from = strings.Index(text[from:], shown) + from
	// A cell may begin with bytes of no character, which cut has left out.
	e := Excerpt{Text: shown, Start: max(0, start-from), End: max(0, min(end-from, len(shown)))}
	e.Column = utf8.RuneCountInString(text[:start]) + 1
	e.EndColumn = e.Column + utf8.RuneCountInString(text[start:end])
	return e
}

// nthLine returns line n of the text, from 0, without its ending.
func nthLine(text string, n int) string {
	end := "\n"
	if !strings.Contains(text, end) {
		end = "\r"
	}
	for ; n > 0; n-- {
		_, rest, ok := strings.Cut(text, end)
		if !ok {
			break
		}
		text = rest
	}
	text, _, _ = strings.Cut(text, end)
	return strings.TrimRight(text, "\r\n")
}

// cut returns a copy of text[from:to], moved to where characters begin.
func cut(text string, from, to int) string {
	to = min(to, len(text))
	for from < to && !utf8.RuneStart(text[from]) {
		from++
	}
	for to < len(text) && to > from && !utf8.RuneStart(text[to]) {
		to--
	}
	return strings.Clone(text[from:to])
}
