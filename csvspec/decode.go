package csvspec

import (
	"strings"

	"github.com/subferry/subferry/csvspec/internal/scan"
)

// step is how one column's cells are read.
type step struct {
	field    Field
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
			steps[i] = step{field: c.Field, item: c.Item, key: c.Key, currency: h.currencyOf(c)}
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

// decode fills the row's typed fields from the cells of its source. A column that is not read has no field.
func (r *Row) decode(steps []step, unit Unit) {
	src, all, cells := r.Source, r.Source.chunk.Text, r.Source.record.Cells
	src.Padded = false
	for i := range min(len(steps), len(cells)) {
		c := cells[i]
		if c.Start == c.End {
			continue
		}
		text := all[c.Start:c.End]
		if c.Quote != scan.Plain || !solid(text[0]) || !solid(text[len(text)-1]) {
			cell := c.Text(all)
			text = strings.TrimSpace(cell)
			if src.Padded = src.Padded || len(text) != len(cell); text == "" {
				continue
			}
		}
		problem, st := ProblemNone, &steps[i]
		switch st.field {
		case FieldUnknown:
		case FieldCustomer:
			r.Customer = text
		case FieldStartDate:
			r.StartDate, problem = parseTimestamp(text)
		case FieldPrice:
			r.Price = text
		case FieldQuantity:
			r.Quantity, problem = parseNumber(text)
		case FieldMetadata:
			r.Metadata = append(r.Metadata, KeyValue{st.key, text})
		case FieldAutomaticTax:
			r.AutomaticTax, problem = parseBool(text)
		case FieldDefaultTaxRate:
			r.DefaultTaxRate = text
		case FieldCoupon:
			r.Coupon = text
		case FieldCurrency:
			r.Currency = text
		case FieldTrialEnd:
			r.TrialEnd, problem = parseTimestamp(text)
		case FieldBillingCycleAnchor:
			r.BillingCycleAnchor, problem = parseTimestamp(text)
		case FieldProrationBehavior:
			r.ProrationBehavior = text
		case FieldCollectionMethod:
			r.CollectionMethod = text
		case FieldDaysUntilDue:
			r.DaysUntilDue, problem = parseNumber(text)
		case FieldBackdateStartDate:
			r.BackdateStartDate, problem = parseTimestamp(text)
		case FieldCancelAtPeriodEnd:
			r.CancelAtPeriodEnd, problem = parseBool(text)
		default:
			problem = r.decodeItem(st, text, unit)
		}
		if problem != ProblemNone {
			src.Bad = append(src.Bad, BadCell{i, problem})
		}
	}
}

// decodeItem reads one cell of an item.
func (r *Row) decodeItem(st *step, text string, unit Unit) (problem Problem) {
	switch st.field {
	case FieldItemPrice:
		grow(&r.Items, st.item).Price = text
	case FieldItemQuantity:
		grow(&r.Items, st.item).Quantity, problem = parseNumber(text)
	case FieldAdhocAmount:
		grow(&r.AdhocItems, st.item).Amount, problem = r.amount(st, text, unit)
	case FieldAdhocProduct:
		grow(&r.AdhocItems, st.item).Product = text
	case FieldAdhocInterval:
		grow(&r.AdhocItems, st.item).Interval = text
	case FieldAdhocCurrency:
		grow(&r.AdhocItems, st.item).Currency = text
	case FieldAdhocQuantity:
		grow(&r.AdhocItems, st.item).Quantity, problem = parseNumber(text)
	case FieldInvoiceAmount:
		grow(&r.AddInvoiceItems, st.item).Amount, problem = r.amount(st, text, unit)
	case FieldInvoiceProduct:
		grow(&r.AddInvoiceItems, st.item).Product = text
	case FieldInvoiceCurrency:
		grow(&r.AddInvoiceItems, st.item).Currency = text
	}
	return problem
}

// amount reads an amount in the unit of the file and the currency that its row states for it.
func (r *Row) amount(st *step, text string, unit Unit) (Int, Problem) {
	n, problem := parseAmount(text, unit, strings.TrimSpace(r.Source.Text(st.currency)))
	return Int{n, problem == ProblemNone}, problem
}

// grow makes the slice long enough for item i, with blank items before it, and returns that item.
func grow[T any](items *[]T, i int) *T {
	for len(*items) <= i {
		var blank T
		*items = append(*items, blank)
	}
	return &(*items)[i]
}

// solid tells whether the byte is certainly not part of a space. Most cells begin and end with one.
func solid(b byte) bool { return b > ' ' && b < 0x80 }
