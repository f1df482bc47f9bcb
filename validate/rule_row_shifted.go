package validate

import (
	"fmt"
	"strings"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/csvspec/words"
)

func ruleRowShifted() Rule {
	return Rule{
		Code:     "row_shifted",
		Severity: Error,
		Title:    "The values of a row stand under the wrong columns",
		Why:      "One value or separator too many or too few moves everything behind it. The example rows of the toolkit's own guide have this mistake.",
		Fix:      "Compare the row with the header from this cell on, and move the values back under their columns.",
		Bad:      "customer,start_date,price,quantity,automatic_tax,coupon,proration_behavior,collection_method\ncus_Ada,1801440000,,price_Pro,1,TRUE,,none\n",
		Good:     "customer,start_date,price,quantity,automatic_tax,coupon,proration_behavior,collection_method\ncus_Ada,1801440000,price_Pro,1,TRUE,,none,\n",
		Source:   "toolkit guide, use cases: the printed rows are shifted by one or more columns",
		review: func(c *Check) {
			if s := c.findShift(); s.values >= 2 {
				c.findings = c.findings[:0]
				c.Report(s.finding(c.Row.Source))
			}
		},
	}
}

// shift is the guess that all values from a cell on stand a few columns too far to one side.
type shift struct {
	from   int // cell
	by     int // columns to the right; negative to the left
	better int // how much better the values would fit
	values int // how many of them would then stand under a column that expects them, and do not now
}

// maxShift is how far a row is tried to be shifted.
const maxShift = 3

// findShift returns the best guess. A value counts only when its kind can be told by looking at it.
func (c *Check) findShift() shift {
	src := c.Row.Source
	kinds := make([]string, src.Len())
	for i := range kinds {
		kinds[i] = kindOf(strings.TrimSpace(src.Text(i)))
	}
	best := shift{}
	for by := -maxShift; by <= maxShift; by++ {
		gain, values := 0, 0
		for i := len(kinds) - 1; i >= 0 && by != 0; i-- {
			there, here := fits(src.Header, i-by, kinds[i]), fits(src.Header, i, kinds[i])
			gain += there - here
			if there > here && there == 1 {
				values++
			}
			if gain > best.better && kinds[i] != "" {
				best = shift{i, by, gain, values}
			}
		}
	}
	return best
}

// fits is 1 when the column expects values of the kind, -1 when it expects others, and 0 when that cannot be told.
func fits(h *csvspec.Header, column int, kind string) int {
	if kind == "" {
		return 0
	}
	if column < 0 || column >= len(h.Columns) {
		return -1
	}
	switch want := expected(h.Columns[column].Field); want {
	case kind:
		return 1
	case "":
		return 0
	}
	return -1
}

// kindOf is looksLike with dates, which are numbers of a certain size.
func kindOf(text string) string {
	if len(text) == 10 && strings.Trim(text, "0123456789") == "" && (text[0] == '1' || text[0] == '2') {
		return "a date"
	}
	return looksLike(text)
}

func (s shift) finding(src *csvspec.Source) Finding {
	side, by := "right", s.by
	if by < 0 {
		side, by = "left", -by
	}
	text := strings.TrimSpace(src.Text(s.from))
	cell := src.Cell(s.from)
	return Finding{
		Column: columnAt(src.Header, s.from), ColumnNumber: s.from + 1, Line: cell.Line, Value: withoutSecret(cell.Text),
		Message: fmt.Sprintf("the values from here on seem to stand %s too far to the %s: this looks like %s.", words.Count(by, "column"), side, kindOf(text)),
	}
}
