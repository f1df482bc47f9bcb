package report

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/subferry/subferry/validate"
)

// detail writes one finding: where, what, the line with the cell marked, and what to do.
func (t *Text) detail(file string, f validate.Finding) {
	rank := rankOf(f)
	fmt.Fprintf(t.w, "\n%s: %s\n", visible(where(file, f)), t.paint(rank, string(rank)+" "+f.Code))
	t.excerpt(f)
	fmt.Fprintf(t.w, "  %s\n", what(f))
	if f.Fix != "" {
		fmt.Fprintf(t.w, "  fix: %s\n", visible(f.Fix))
	}
	if f.Suggestion != "" {
		fmt.Fprintf(t.w, "  write: %s\n", visible(f.Suggestion))
	}
	if command := t.opts.Commands.of(f); command != "" {
		fmt.Fprintf(t.w, "  %s: %s\n", mendedBy(f.Mend), visible(command))
	}
}

// where is the place as compilers write it: file, line, and the column of the spreadsheet.
func where(file string, f validate.Finding) string {
	switch {
	case f.Cell != "":
		return file + ":" + f.Cell
	case f.Line == 0:
		return file
	case f.ColumnNumber == 0:
		return fmt.Sprintf("%s:%d", file, f.Line)
	}
	return fmt.Sprintf("%s:%d:%d", file, f.Line, f.ColumnNumber)
}

// what is the message behind the cell that it is about.
func what(f validate.Finding) string {
	if f.Column == "" {
		return visible(f.Message)
	}
	if f.Value == "" {
		return visible(f.Column + ": " + f.Message)
	}
	return visible(fmt.Sprintf("%s %q: %s", f.Column, short(f.Value), f.Message))
}

// short cuts a long value: the line above shows more of it.
func short(text string) string {
	const most = 60
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most]) + "…"
}

// excerpt writes the line of the file, and under the cell a row of carets.
func (t *Text) excerpt(f validate.Finding) {
	e := f.Excerpt
	if e.Text == "" {
		return
	}
	gutter := fmt.Sprintf("%6d | ", f.Line)
	fmt.Fprintf(t.w, "%s%s\n", gutter, visible(e.Text))
	if e.Column == 0 {
		return
	}
	before, cell := visible(e.Text[:e.Start]), visible(e.Text[e.Start:e.End])
	fmt.Fprintf(t.w, "%s%s%s\n", strings.Repeat(" ", len(gutter)-2)+"| ", strings.Repeat(" ", width(before)), strings.Repeat("^", max(1, width(cell))))
}

// visible replaces characters that would move the cursor, so that carets stand where they belong and a file cannot
// write to the terminal.
func visible(text string) string {
	text = strings.ToValidUTF8(text, "�")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return '→'
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r):
			return '·'
		}
		return r
	}, text)
}

// width is how many columns of a terminal the text takes.
func width(text string) int {
	n := 0
	for _, r := range text {
		switch {
		case unicode.Is(unicode.Mn, r):
		case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul):
			n += 2
		default:
			n++
		}
	}
	return n
}
