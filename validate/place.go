package validate

import "strings"

// place fills in where the finding's column stands in the file, and what is written there.
func (c *Check) place(f *Finding) {
	c.locate(f)
	c.describe(f)
}

// locate fills in the row and column of the finding, and as its value the text of the cell, which is valid as long as
// the block of the file that it stands in. A check that has found its cell by number has filled in the number itself.
func (c *Check) locate(f *Finding) {
	src := c.Row.Source
	if src == nil {
		f.Value = valueOf(c.Row, f.Column)
		return
	}
	f.Row = src.Row
	if f.Line == 0 {
		f.Line = src.Line
	}
	if f.Column != "" && f.ColumnNumber == 0 {
		if column, ok := src.Header.Lookup(f.Column); ok {
			f.Column, f.ColumnNumber = headerName(column), column.Index+1
		}
	}
	if 0 < f.ColumnNumber && f.ColumnNumber <= src.Len() {
		f.Value = src.Text(f.ColumnNumber - 1)
	}
}

// describe adds to a finding that has been located what it takes to show it: the line on which its cell begins, the
// value as it may be kept, and the excerpt.
func (c *Check) describe(f *Finding) {
	src := c.Row.Source
	if src == nil {
		return
	}
	if f.ColumnNumber == 0 {
		f.Excerpt = newExcerpt(src, f.Line, -1)
		return
	}
	cell := src.Cell(f.ColumnNumber - 1)
	if cell.Line > 0 {
		f.Line, f.Cell, f.Value = cell.Line, cell.Ref, withoutSecret(strings.Clone(cell.Text))
	}
	f.Excerpt = newExcerpt(src, f.Line, f.ColumnNumber-1)
}
