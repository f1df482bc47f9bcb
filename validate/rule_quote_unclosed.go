package validate

import (
	"slices"

	"github.com/subferry/subferry/csvspec"
)

func ruleQuoteUnclosed() Rule {
	return Rule{
		Code:     "quote_unclosed",
		Severity: Error,
		Title:    "A quote is opened and never closed",
		Why:      "Programs that read the file would take everything up to the next quote, often the whole rest of the file, for one cell.",
		Fix:      "Close the quote at the end of the text, or delete it. A quote that belongs to the text is written twice.",
		Bad:      "customer,start_date,price,metadata.name\ncus_Ada,1801440000,price_Pro,\"Ada\n",
		Good:     "customer,start_date,price,metadata.name\ncus_Ada,1801440000,price_Pro,\"Ada\"\n",
		Source:   "RFC 4180",
		onlyIf:   hasFault,
		Header:   faultHead("the quote is never closed; the cell was read up to its next separator.", csvspec.FaultUnclosedQuote),
		Check:    faultCheck("the quote is never closed; the cell was read up to its next separator.", csvspec.FaultUnclosedQuote),
	}
}

// faultCheck returns a check that reports damage of the given kinds.
func faultCheck(message string, kinds ...csvspec.FaultKind) func(*Check) {
	return func(c *Check) {
		if c.head != nil && c.head.foreign {
			return
		}
		for _, fault := range c.Row.Source.Faults {
			if slices.Contains(kinds, fault.Kind) {
				c.Report(Finding{Column: columnAt(c.Row.Source.Header, fault.Index), Line: fault.Line, ColumnNumber: fault.Index + 1,
					Value: c.Row.Source.Text(fault.Index), Message: message})
			}
		}
	}
}

// faultHead is faultCheck for the header.
func faultHead(message string, kinds ...csvspec.FaultKind) func(*HeaderCheck) {
	return func(h *HeaderCheck) {
		if h.Header.Source() == nil || h.foreign() {
			return
		}
		for _, fault := range h.Header.Source().Faults {
			if slices.Contains(kinds, fault.Kind) {
				h.Report(fault.Index, Finding{Message: message})
			}
		}
	}
}

// columnAt returns the name of the column at the index; "" behind the last column.
func columnAt(h *csvspec.Header, index int) string {
	if index >= len(h.Columns) {
		return ""
	}
	return headerName(h.Columns[index])
}
