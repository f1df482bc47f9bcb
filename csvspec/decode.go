package csvspec

import (
	"strings"

	"github.com/subferry/subferry/csvspec/internal/scan"
)

// step is how one column's cells are read.
type step struct {
	field    Field
	kind     Kind
	item     int
	key      string
	currency int // column of the amount's currency, or -1
}

// plan returns a step for each column. A column that is unknown, or that repeats another one, is not read, except
// that a metadata column is, because both its spellings may stand in one file.
func (h *Header) plan() []step {
	steps := make([]step, len(h.Columns))
	for i, c := range h.Columns {
		if c.Field == FieldMetadata || c.Known() && !c.Has(QuirkDuplicate) {
			steps[i] = step{field: c.Field, kind: c.Field.Kind(), item: c.Item, key: c.Key, currency: h.currencyOf(c)}
		}
	}
	return steps
}

// currencyOf returns the column that states the currency of an amount column, or -1.
func (h *Header) currencyOf(c Column) int {
	var field Field
	switch c.Field {
	case FieldAdhocAmount:
		field = FieldAdhocCurrency
	case FieldInvoiceAmount:
		field = FieldInvoiceCurrency
	default:
		return -1
	}
	if cur, ok := h.Find(field, c.Item); ok {
		return cur.Index
	}
	return -1
}

// reset empties the row but keeps its slices.
func (r *Row) reset(src *Source) {
	items, adhoc, invoice, metadata := r.Items[:0], r.AdhocItems[:0], r.AddInvoiceItems[:0], r.Metadata[:0]
	*r = Row{}
	r.Source, r.Items, r.AdhocItems, r.AddInvoiceItems, r.Metadata = src, items, adhoc, invoice, metadata
}

// fill replaces all the row held by what the record says.
func (r *Row) fill(src *Source, f *format) {
	src.Header = f.header
	r.reset(src)
	r.decode(f.plan, f.unit)
}

// decode fills the row's typed fields from the cells of its source.
func (r *Row) decode(steps []step, unit Unit) {
	src := r.Source
	all, cells := src.chunk.Text, src.record.Cells
	src.Padded = false
	for i := range min(len(steps), len(cells)) {
		c := &cells[i]
		if c.Start == c.End {
			continue
		}
		text := all[c.Start:c.End]
		if c.Quote != scan.Plain {
			text = c.Text(all)
		}
		if text == "" || !solid(text[0]) || !solid(text[len(text)-1]) {
			trimmed := strings.TrimSpace(text)
			src.Padded = src.Padded || trimmed != text
			if text = trimmed; text == "" {
				continue
			}
		}
		if problem := r.set(&steps[i], text, unit); problem != ProblemNone {
			src.Bad = append(src.Bad, BadCell{i, problem})
		}
	}
}

// set reads one cell into its field. A column that is not read has no field.
func (r *Row) set(st *step, text string, unit Unit) (problem Problem) {
	switch st.kind {
	case KindText:
		r.setText(st, text)
	case KindInt:
		n, problem := parseInt(text)
		*r.number(st) = Int{n, problem == ProblemNone}
		return problem
	case KindTimestamp:
		*r.moment(st), problem = parseTimestamp(text)
	case KindBool:
		*r.flag(st), problem = parseBool(text)
	case KindAmount:
		n, problem := parseAmount(text, unit, strings.TrimSpace(r.Source.Text(st.currency)))
		*r.number(st) = Int{n, problem == ProblemNone}
		return problem
	}
	return problem
}

// solid tells whether the byte is certainly not part of a space. Most cells begin and end with one.
func solid(b byte) bool { return b > ' ' && b < 0x80 }
