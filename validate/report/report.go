// Package report writes what a validation has found in the forms that people and programs use: text for a terminal,
// JSON, one JSON object a line, SARIF for code hosts, a page for finance, the same file back with a column of errors,
// and the file split in what is ready, deferred and wrong.
//
// The renderers know nothing of flags, files or terminals: they take findings and write to an io.Writer, in memory
// that does not grow with the number of findings.
package report

import "github.com/subferry/subferry/validate"

// Renderer writes findings in one form. Add is what validate.Scan wants as its sink; Close writes what is left, with
// the findings that the report itself has. A report of validate.File has them all, and Close is enough.
type Renderer interface {
	// Add takes the findings in some rows, in the order of the file.
	Add(found validate.Findings) error
	// Close takes the report of the whole file and ends the output. The renderer is of no use after it.
	Close(r *validate.Report) error
}

// Commands writes the command line that mends what a finding of a file is about, as a user would paste it; "" when it
// can say none. Renderers know no program and no flags.
type Commands func(validate.Mend) string

// of returns the command line for a finding, "" when there is none.
func (c Commands) of(f validate.Finding) string {
	if c == nil || f.Mend == "" {
		return ""
	}
	return c(f.Mend)
}

// catalog is what there is to say about each code.
type catalog map[string]validate.Rule

// newCatalog returns the rules by their code: those of package validate, and those of the user's own.
func newCatalog(own []validate.Rule) catalog {
	all := catalog{}
	for _, r := range append(validate.Rules(), own...) {
		all[r.Code] = r
	}
	return all
}

// title returns the rule's title, or the code when no rule has it.
func (c catalog) title(code string) string {
	if t := c[code].Title; t != "" {
		return t
	}
	return code
}
