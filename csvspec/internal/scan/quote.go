package scan

import "strings"

// maxQuoted is how many bytes a quoted cell may have. Excel's longest cell, 32,767 characters, takes at most
// 98,301 bytes. A quote that is not closed within the bound was never meant to open a cell.
const maxQuoted = 128 << 10

// closing says whether an opening quote is closed, and where.
type closing struct {
	state closingState
	end   int // after the closing quote and the spaces that follow it: where a separator, a line end or the end of the text stands
	quote int // the closing quote
	inner innerQuotes
}

type closingState uint8

const (
	closed   closingState = iota
	unclosed              // the opening quote is text
	unknown               // more text is needed to tell
)

// innerQuotes is what was met between the opening and the closing quote.
type innerQuotes uint8

const (
	innerDoubled innerQuotes = 1 << iota
	innerStray               // a quote followed by neither another one nor the end of the cell
)

// closeQuote finds the quote that closes the one at open. A quote closes a cell when a separator, a line end or
// the end of the text follows, spaces allowed between. Any other quote inside is a slip (John "Johnny" Doe), read
// as text as long as the cell stays on its line. A cell that goes on in the next line and holds a slip is the sign
// of a quote that was opened and forgotten, whose end would be looked for in other people's cells: then the
// opening quote is text as well.
//
// final tells that no more text follows buf; without it the answer may be unknown.
func (d Dialect) closeQuote(buf string, open int, final bool) closing {
	var c closing
	crossed := false
	for at := open + 1; ; {
		next := strings.IndexByte(buf[at:], '"')
		if next < 0 || at+next-open > maxQuoted {
			if !final && len(buf)-open <= maxQuoted {
				return c.with(unknown)
			}
			return c.with(unclosed)
		}
		next += at
		crossed = crossed || strings.IndexByte(buf[at:next], d.Newline) >= 0
		if crossed && c.inner&innerStray != 0 {
			return c.with(unclosed)
		}
		if next+1 < len(buf) && buf[next+1] == '"' {
			c.inner |= innerDoubled
			at = next + 2
			continue
		}
		end, sure := d.cellEnd(buf, next+1, open)
		switch {
		case !sure && !final:
			return c.with(unknown)
		case end >= 0:
			c.quote, c.end = next, end
			return c.with(closed)
		case crossed:
			return c.with(unclosed)
		}
		c.inner |= innerStray
		at = next + 1
	}
}

func (c closing) with(s closingState) closing {
	c.state = s
	return c
}

// cellEnd returns where the cell ends if nothing but spaces stands between at and its end, and -1 if something else
// does. It is not sure when the text ends before.
func (d Dialect) cellEnd(buf string, at, open int) (end int, sure bool) {
	for at < len(buf) && buf[at] == ' ' && at-open <= maxQuoted {
		at++
	}
	switch {
	case at == len(buf):
		return at, false
	case buf[at] == d.Comma || buf[at] == d.Newline:
		return at, true
	case buf[at] == '\r' && at+1 == len(buf):
		return at, false
	case buf[at] == '\r' && buf[at+1] == d.Newline:
		return at, true
	default:
		return -1, true
	}
}
