package csvspec

// Column is one column of a file.
type Column struct {
	Index int    // from 0
	Raw   string // as the file writes it
	Name  string // as the format writes it: items.0.price, metadata.source; the cleaned Raw when Field is FieldUnknown
	Field Field
	Item  int    // the x of items.x, adhoc_items.x and add_invoice_items.x
	Key   string // the KEY of a metadata column
}

// Header is the first record of a file, read as columns.
type Header struct {
	Columns []Column
	Line    int
}

// Lookup returns the first column with the format's name, and whether there is one.
func (h *Header) Lookup(name string) (Column, bool) {
	for _, c := range h.Columns {
		if c.Name == name {
			return c, true
		}
	}
	return Column{}, false
}
