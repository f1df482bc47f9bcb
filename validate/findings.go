package validate

import (
	"cmp"
	"fmt"
	"slices"
)

// Findings is a list of findings, sorted by place, that can serve as an error.
type Findings []Finding

// HasErrors tells whether any finding is an error, deferred ones included.
func (f Findings) HasErrors() bool {
	return slices.ContainsFunc(f, func(x Finding) bool { return x.Severity == Error })
}

// State returns what the findings of one row make of that row.
func (f Findings) State() State {
	state := Valid
	for _, x := range f {
		switch {
		case x.Severity != Error:
		case !x.Deferred:
			return Invalid
		default:
			state = Deferred
		}
	}
	return state
}

// Err returns the findings as an error when one of them is an error, and nil otherwise.
func (f Findings) Err() error {
	if !f.HasErrors() {
		return nil
	}
	return f
}

// Error returns the first error in the words of a compiler, and how many more there are.
func (f Findings) Error() string {
	errors := 0
	first := ""
	for _, x := range f {
		if x.Severity != Error {
			continue
		}
		if errors++; errors == 1 {
			first = x.At("row")
		}
	}
	if errors > 1 {
		return fmt.Sprintf("%s (and %d more)", first, errors-1)
	}
	return first
}

// Sort puts the findings in the order of the file: those about the file, then by line and column.
func (f Findings) Sort() {
	slices.SortStableFunc(f, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Row, b.Row), cmp.Compare(a.ColumnNumber, b.ColumnNumber))
	})
}

// State is what becomes of a row.
type State uint8

// The states of a row.
const (
	Valid    State = iota // it can be uploaded now; it may carry warnings
	Deferred              // it is right, but starts too soon: it is held back until its start date is moved
	Invalid               // it must be mended
)

// String returns valid, deferred or invalid.
func (s State) String() string { return [...]string{"valid", "deferred", "invalid"}[s] }
