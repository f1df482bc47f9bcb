package validate

import "github.com/subferry/subferry/csvspec"

// Head is one rule at work on the header of a file.
type Head struct {
	Header *csvspec.Header

	v        *Validator
	rule     *Rule
	findings []Finding
}

// headFacts is what rules about rows ask of the header.
type headFacts struct {
	header   *csvspec.Header
	columns  fields // that the file has
	nameless []int  // columns without a name
	lacking  bool   // a column that every row needs is missing
	reserved bool   // it has a metadata key that this program writes itself
	foreign  bool   // it is no header of the format, which is said once instead of all that follows from it
}

func newHeadFacts(h *csvspec.Header) *headFacts {
	f := &headFacts{header: h, foreign: foreign(h.Columns)}
	for _, c := range h.Columns {
		f.columns |= setOf(c.Field)
		f.reserved = f.reserved || c.Key == tagKey || c.Key == originalStartKey
		if c.Has(csvspec.QuirkBlank) && !f.foreign {
			f.nameless = append(f.nameless, c.Index)
		}
	}
	f.columns &^= setOf(csvspec.FieldUnknown)
	f.lacking = !f.columns.has(csvspec.FieldCustomer) || !f.columns.has(csvspec.FieldStartDate) || f.columns&soldFields == 0
	return f
}

// report adds a finding about a column of the header, or about the header as a whole when its index is negative.
func (h *Head) report(index int, f Finding) {
	f.Code, f.Severity = h.rule.Code, h.v.severity(h.rule.Severity)
	f.Line = h.Header.Line
	if f.Mend == "" {
		f.Mend = h.rule.mends
	}
	if f.Fix == "" {
		f.Fix = h.rule.Fix
	}
	if index >= 0 {
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
	h := &Head{Header: header, v: v}
	export := header.IsStripeExport() // of which one thing is to be said: what it is
	for i := range v.rules {
		if v.rules[i].head != nil && (!export || v.rules[i].mends == MendConvert) {
			h.rule = &v.rules[i]
			h.rule.head(h)
		}
	}
	return h.findings
}

// foreign tells whether it is the header of Stripe's own export, whether none of the columns is known, and not even two look like known ones that are misspelt; or
// whether the line is no line of a table at all.
func foreign(columns []csvspec.Column) bool {
	if len(columns) > 0 && noTable(columns[0].Raw) {
		return true
	}
	if (&csvspec.Header{Columns: columns}).IsStripeExport() {
		return true
	}
	near := 0
	for _, c := range columns {
		if c.Known() {
			return false
		}
		if _, ok := csvspec.Nearest(c.Name); ok {
			near++
		}
	}
	return near < 2
}
