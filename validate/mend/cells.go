package mend

import (
	"strings"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate"
	"github.com/subferry/subferry/validate/dates"
)

// header writes the first line, with the names as the format writes them.
func (m *mender) header() {
	src := m.rows.Header().Source()
	if src == nil || m.undecodable(src) {
		return
	}
	m.record(src, func(i int, text string) (string, Kind) {
		c := m.rows.Header().Columns[i]
		const mendable = csvspec.QuirkCase | csvspec.QuirkQuote | csvspec.QuirkRequired | csvspec.QuirkSpace
		if !c.Known() || !c.Has(mendable) || c.Has(csvspec.QuirkDuplicate) {
			return text, ""
		}
		return validate.ColumnName(c), Name
	})
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
		if i >= len(src.Header.Columns) || !src.Header.Columns[i].Known() {
			return text, ""
		}
		return m.cell(src.Header.Columns[i].Field, text)
	})
}

// cell returns the mended text of a cell of the field, and what was mended; "" when nothing was.
func (m *mender) cell(field csvspec.Field, text string) (string, Kind) {
	trimmed := strings.TrimSpace(text)
	switch field {
	case csvspec.FieldStartDate, csvspec.FieldTrialEnd, csvspec.FieldBillingCycleAnchor, csvspec.FieldBackdateStartDate:
		if d := dates.Read(trimmed, m.opts.Zone); d.Kind != dates.Unix && d.Exact {
			return d.Suggestion(), Date
		} else if d.Kind == dates.Local && m.opts.Zone == nil {
			m.result.Unzoned++
		}
	case csvspec.FieldAutomaticTax, csvspec.FieldCancelAtPeriodEnd:
		if lower := strings.ToLower(trimmed); lower != trimmed && (lower == "true" || lower == "false") {
			return lower, Boolean
		}
	case csvspec.FieldCurrency, csvspec.FieldAdhocCurrency, csvspec.FieldInvoiceCurrency:
		lower := strings.ToLower(trimmed)
		if _, ok := csvspec.Decimals(lower); ok && lower != trimmed {
			return lower, Currency
		}
	}
	if trimmed != text {
		return trimmed, Spaces
	}
	return text, ""
}
