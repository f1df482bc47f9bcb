package mend

import (
	"strconv"
	"strings"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate"
	"github.com/subferry/subferry/validate/dates"
)

// header writes the first line, with the names as the format writes them, and remembers what the columns then are.
func (m *mender) header() {
	h := m.rows.Header()
	src := h.Source()
	if src == nil || m.undecodable(src) {
		return
	}
	m.columns = append([]csvspec.Column(nil), h.Columns...)
	m.record(src, func(i int, text string) (string, Kind) {
		c := h.Columns[i]
		if meant, ok := validate.MeantColumn(h, i); ok {
			m.columns[i] = csvspec.ParseColumn(meant)
			return meant, Name
		}
		const mendable = csvspec.QuirkCase | csvspec.QuirkQuote | csvspec.QuirkRequired | csvspec.QuirkSpace
		if !c.Known() || !c.Has(mendable) || c.Has(csvspec.QuirkDuplicate) {
			return text, ""
		}
		return validate.ColumnName(c), Name
	})
	for _, c := range m.columns {
		if !c.Known() {
			m.result.Columns++
		}
	}
}

// row writes a row, or drops it when it is blank.
func (m *mender) row(row *csvspec.Row) {
	src := row.Source
	if m.undecodable(src) {
		return
	}
	if src.IsBlank() {
		m.tell(Change{Kind: BlankRow, Line: src.Line, Row: src.Row, Before: strings.TrimRight(src.Raw(), "\r\n")})
		return
	}
	m.record(src, func(i int, text string) (string, Kind) {
		if i >= len(m.columns) || !m.columns[i].Known() {
			return text, ""
		}
		return m.cell(m.columns[i].Field, text)
	})
}

// cell returns the mended text of a cell of the field, and what was mended; "" when nothing was.
func (m *mender) cell(field csvspec.Field, text string) (string, Kind) {
	trimmed := strings.TrimSpace(text)
	if mended, kind := m.meaning(field, trimmed); kind != "" {
		return mended, kind
	}
	if trimmed != text {
		return trimmed, Spaces
	}
	return text, ""
}

// meaning is cell for text without spaces around it: it counts what is left alone.
func (m *mender) meaning(field csvspec.Field, text string) (string, Kind) {
	if text == "" {
		return "", ""
	}
	switch field.Kind() {
	case csvspec.KindTimestamp:
		return m.date(text)
	case csvspec.KindBool:
		lower := strings.ToLower(text)
		switch {
		case lower != "true" && lower != "false":
			m.result.Booleans++
		case lower != text:
			return lower, Boolean
		}
	case csvspec.KindInt:
		return m.whole(text, validate.WholeNumber(text), &m.result.Numbers)
	case csvspec.KindAmount:
		return m.amount(text)
	}
	switch field {
	case csvspec.FieldCurrency, csvspec.FieldAdhocCurrency, csvspec.FieldInvoiceCurrency:
		lower := strings.ToLower(text)
		if _, ok := csvspec.Decimals(lower); ok && lower != text {
			return lower, Currency
		}
	}
	return "", ""
}

// date mends a date, or counts why it is left alone.
func (m *mender) date(text string) (string, Kind) {
	d := dates.ReadAs(text, dates.As{Zone: m.opts.Zone, Order: m.opts.Order})
	switch {
	case d.Kind == dates.Unix:
	case d.Exact:
		return d.Suggestion(), Date
	case d.Kind == dates.Ambiguous:
		m.result.Ambiguous++
	case d.Kind == dates.Disordered:
		m.result.Disordered++
	case d.Kind == dates.Local && m.opts.Zone == nil:
		m.result.Unzoned++
	case d.Kind == dates.Local:
		m.result.Skipped++
	default:
		m.result.Dates++
	}
	return "", ""
}

// amount mends an amount whose decimals are the single 0 that pandas puts behind a whole number. Others may be those of
// full units, and are left alone unless minor units have been stated.
func (m *mender) amount(text string) (string, Kind) {
	if m.opts.Unit != csvspec.UnitMajor {
		return m.whole(text, validate.WholeAmount(text, m.opts.Unit), &m.result.Amounts)
	}
	if _, problem := csvspec.ParseMoney(text, csvspec.UnitMajor, "usd"); problem == csvspec.ProblemNotAmount {
		m.result.Amounts++
	}
	return "", ""
}

// whole mends a whole number with decimals, or counts what is none.
func (m *mender) whole(text, mended string, left *int) (string, Kind) {
	if mended != "" {
		return mended, Number
	}
	if _, err := strconv.ParseInt(text, 10, 64); err != nil {
		*left++
	}
	return "", ""
}
