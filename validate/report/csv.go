package report

import (
	"bufio"
	"io"
	"strings"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate"
	"github.com/subferry/subferry/validate/internal/csvtext"
)

// CSV gives the same file back with a column processing_error behind the others, as Stripe's toolkit does: blank for
// a row without errors. Row takes the rows of validate.Each.
//
// Cells are left as they are, byte for byte when the file is UTF-8 (others are written as UTF-8). Two things are
// done so that other programs find the column where it belongs: rows that are too short get blank cells, and rows
// with damaged quotes are quoted anew.
type CSV struct {
	w     *bufio.Writer
	begun bool
	comma string
	width int
	plain bool   // without the column
	whole string // what is wrong with the file as a whole, for rows that have no errors of their own
	ways  Commands
}

// NewCSV returns a writer to w.
func NewCSV(w io.Writer) *CSV { return &CSV{w: bufio.NewWriter(w)} }

// Commands sets how commands that mend something are written; without them none is named.
func (c *CSV) Commands(ways Commands) { c.ways = ways }

// Row writes a row with what was found in it.
func (c *CSV) Row(row *csvspec.Row, found []validate.Finding) error {
	c.begin(row.Source.Header)
	rec := recordOf(row.Source)
	if !c.plain {
		rec = c.widen(row.Source, rec)
		reason := explain(found, c.ways)
		if reason == "" {
			reason = EscapeFormula(c.whole)
		}
		if reason != "" {
			reason = csvtext.Quote(reason)
		}
		rec.text += c.comma + reason
	}
	_, err := c.w.WriteString(rec.text + rec.end)
	return err
}

// Close ends the output.
func (c *CSV) Close() error { return c.w.Flush() }

// begin writes what stands above the first row: a byte order mark and a line sep=; if the file has them, and the
// header.
func (c *CSV) begin(h *csvspec.Header) {
	if c.begun {
		return
	}
	c.begun, c.comma, c.width = true, separatorOf(h), len(h.Columns)
	if h.Source().Offset()-int64(len(h.Preface)) == int64(len(csvtext.BOM)) {
		_, _ = c.w.WriteString(csvtext.BOM)
	}
	_, _ = c.w.WriteString(h.Preface)
	rec := recordOf(h.Source())
	if !c.plain {
		rec = c.widen(h.Source(), rec)
		rec.text += c.comma + validate.ErrorColumn
	}
	_, _ = c.w.WriteString(rec.text + rec.end) // an error stays until the next write
}

// widen returns the record in such a form that a cell put behind it stands behind the header's columns.
func (c *CSV) widen(src *csvspec.Source, rec record) record {
	if damaged(src) {
		cells := make([]string, src.Len())
		for i := range cells {
			cells[i] = csvtext.Quote(src.Text(i))
		}
		rec.text = strings.Join(cells, c.comma)
	}
	if missing := c.width - src.Len(); missing > 0 {
		rec.text += strings.Repeat(c.comma, missing)
	}
	return rec
}
