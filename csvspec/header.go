package csvspec

// Column is one column of a file.
type Column struct {
	Index int    // from 0
	Raw   string // as the file writes it, without CSV quotes
	Name  string // as the format writes it: items.0.price, metadata.source; the cleaned Raw when Field is FieldUnknown
	Field Field
	Item  int    // the x of items.x, adhoc_items.x and add_invoice_items.x
	Key   string // the KEY of a metadata column
	Quirk Quirk  // what had to be overlooked to recognise the column
}

// Known tells whether the format has the column.
func (c Column) Known() bool { return c.Field != FieldUnknown }

// Clean tells whether the file writes the column exactly as the format does, and only once.
func (c Column) Clean() bool { return c.Known() && c.Quirk == 0 }

// Has tells whether the column has one of the quirks.
func (c Column) Has(q Quirk) bool { return c.Quirk&q != 0 }

// Quirk is a set of deviations in the name of a column.
type Quirk uint8

// The quirks.
const (
	QuirkRequired  Quirk = 1 << iota // carries the words "(required)" of the documentation
	QuirkSpace                       // spaces or invisible characters around it
	QuirkQuote                       // quotes that are not CSV's
	QuirkCase                        // known but for capital letters
	QuirkBlank                       // has no name
	QuirkDuplicate                   // another column further left has the same name; this one is not read, unless it is metadata
)

// Header is the first record of a file, read as columns.
type Header struct {
	Columns []Column
	Line    int
	Preface string // the line sep=; that stands above the header in some files, as it stands there, or ""

	source *Source
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

// Find returns the first column of the field; item is the x of an item's column and 0 for all others.
func (h *Header) Find(f Field, item int) (Column, bool) {
	for _, c := range h.Columns {
		if c.Field == f && c.Item == item {
			return c, true
		}
	}
	return Column{}, false
}

// Source returns where the header stands in its file: its cells and their faults. It is nil for an empty file.
func (h *Header) Source() *Source { return h.source }
