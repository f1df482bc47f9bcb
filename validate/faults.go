package validate

import (
	"slices"

	"github.com/subferry/subferry/csvspec"
)

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
