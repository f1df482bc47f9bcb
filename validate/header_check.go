package validate

import (
	"slices"
	"strings"
	"time"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate/account"
)

// HeaderCheck is one rule at work on the header of a file. It is valid during the call of Rule.Header only.
type HeaderCheck struct {
	Header *csvspec.Header // not to be changed

	v        *Validator
	rule     *Rule
	findings []Finding
}

// headerInfo is what rules about rows ask of the header.
type headerInfo struct {
	header   *csvspec.Header
	columns  fields // that the file has
	nameless []int  // columns without a name
	lacking  bool   // a column that every row needs is missing
	reserved bool   // it has a metadata key that this program writes itself
	foreign  bool   // it is no header of the format, which is said once instead of all that follows from it
}

func newHeaderInfo(h *csvspec.Header, other *Format) *headerInfo {
	f := &headerInfo{header: h, foreign: other == nil && foreign(h.Columns)}
	for _, c := range h.Columns {
		f.columns |= setOf(c.Field)
		f.reserved = f.reserved || c.Key == TagKey || c.Key == OriginalStartKey
		if c.Has(csvspec.QuirkBlank) && !f.foreign {
			f.nameless = append(f.nameless, c.Index)
		}
	}
	f.columns &^= setOf(csvspec.FieldUnknown)
	f.lacking = other == nil && (!f.columns.has(csvspec.FieldCustomer) || !f.columns.has(csvspec.FieldStartDate) || f.columns&soldFields == 0)
	return f
}

// Now returns the moment of the upload.
func (h *HeaderCheck) Now() time.Time { return h.v.opts.Now }

// Account returns what is known of the account; nil when nothing is.
func (h *HeaderCheck) Account() *account.Account { return h.v.opts.Account }

// Report adds a finding of the rule about the header's column with the index, or about the header as a whole when there
// is no such column: -1. The check states Message and, where it has them, Fix and Suggestion, and for the whole header
// Column; code, severity, place and value are filled in, and so is Fix from the rule's own when it is blank.
func (h *HeaderCheck) Report(index int, f Finding) {
	f.Code, f.Severity = h.rule.Code, h.v.severity(h.rule.Severity)
	f.Line = h.Header.Line
	if f.Mend == "" && h.v.opts.Format == nil {
		f.Mend = h.rule.mends
	}
	if f.Fix == "" {
		f.Fix = h.rule.Fix
	}
	if 0 <= index && index < len(h.Header.Columns) {
		c := h.Header.Columns[index]
		f.ColumnNumber, f.Column, f.Value = index+1, headerName(c), c.Raw
		if src := h.Header.Source(); src != nil {
			cell := src.Cell(index)
			f.Line, f.Cell = max(f.Line, cell.Line), cell.Ref
			f.Excerpt = newExcerpt(src, f.Line, index)
		}
	}
	h.findings = append(h.findings, f)
}

// checkHeader returns what is wrong with the header.
func (v *Validator) checkHeader(header *csvspec.Header) []Finding {
	h := &HeaderCheck{Header: header, v: v}
	export := v.opts.Format == nil && header.IsStripeExport() // of which one thing is to be said: what it is
	for i := range v.rules {
		if v.rules[i].Header != nil && (!export || v.rules[i].mends == MendConvert) {
			h.rule = &v.rules[i]
			h.rule.Header(h)
		}
	}
	return h.findings
}

// mostGuessed is in how many columns misspelt names are looked for: to guess takes time, and no table of the format is as wide.
const mostGuessed = 200

// foreign tells whether the line is not a header of the format: it is that of Stripe's own export, it is no line of a
// table at all, or no column is known and fewer than two look like known ones that are misspelt.
func foreign(columns []csvspec.Column) bool {
	if len(columns) > 0 && noTable(columns[0].Raw) {
		return true
	}
	if (&csvspec.Header{Columns: columns}).IsStripeExport() {
		return true
	}
	if slices.ContainsFunc(columns, csvspec.Column.Known) {
		return false
	}
	near := 0
	for _, c := range columns[:min(len(columns), mostGuessed)] {
		if _, ok := csvspec.Nearest(c.Name); ok {
			near++
		}
	}
	return near < 2
}

// noTable tells whether the text is how JSON and web pages begin, whatever names they contain.
func noTable(text string) bool {
	text = strings.ToLower(strings.TrimSpace(text))
	return slices.ContainsFunc([]string{"{", "[{", "<!doctype", "<html", "<?xml"}, func(start string) bool {
		return strings.HasPrefix(text, start)
	})
}

// foreign tells whether no column is known. Then nothing more is said of columns.
func (h *HeaderCheck) foreign() bool { return foreign(h.Header.Columns) }
