package csvspec

// Cell returns the row's cell in the first column with the format's name (items.0.price), and whether the file has
// that column and the record reaches it. A row built by a program has no cells.
func (r *Row) Cell(name string) (Cell, bool) {
	if r.Source == nil || r.Source.Header == nil {
		return Cell{}, false
	}
	c, ok := r.Source.Header.Lookup(name)
	if !ok || c.Index >= r.Source.Len() {
		return Cell{}, false
	}
	return r.Source.Cell(c.Index), true
}

// Unreadable returns why the row's cell of the field could not be read; ProblemNone if it could, or if there is none.
// item is the x of an item's column and 0 for all others.
func (r *Row) Unreadable(f Field, item int) Problem {
	if r.Source == nil || len(r.Source.Bad) == 0 {
		return ProblemNone
	}
	for _, bad := range r.Source.Bad {
		if c := r.Source.Header.Columns[bad.Index]; c.Field == f && c.Item == item {
			return bad.Problem
		}
	}
	return ProblemNone
}

// Clone returns a copy that stays as it is when the row is read anew. Its strings keep the piece of the file they
// stand in in memory, 256 KiB or so for all that share it.
func (r *Row) Clone() *Row {
	c := *r
	c.Items = append([]Item(nil), r.Items...)
	c.AdhocItems = append([]AdhocItem(nil), r.AdhocItems...)
	c.AddInvoiceItems = append([]InvoiceItem(nil), r.AddInvoiceItems...)
	c.Metadata = append(Metadata(nil), r.Metadata...)
	if r.Source != nil {
		c.Source = r.Source.Clone()
	}
	return &c
}
