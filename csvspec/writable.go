package csvspec

import "fmt"

// writable tells whether a file can hold all there is in the row.
func (r *Row) writable() error {
	if r.Source != nil && len(r.Source.Bad) > 0 {
		cell := r.Source.Cell(r.Source.Bad[0].Index)
		return fmt.Errorf("its cell %q (line %d of its file) could not be read and would be lost", cell.Text, cell.Line)
	}
	n := max(len(trimBlank(r.Items)), len(trimBlank(r.AdhocItems)), len(trimBlank(r.AddInvoiceItems)))
	if n > MaxItems {
		return fmt.Errorf("it has %d items of one kind; the format has columns for %d", n, MaxItems)
	}
	return r.Metadata.writable()
}

// writable tells whether each entry can have a column.
func (m Metadata) writable() error {
	seen := make(map[string]bool, len(m))
	for _, kv := range m {
		if c := ReadColumn(FieldMetadata.Name(0) + kv.Key); kv.Key == "" || !c.Clean() || c.Key != kv.Key {
			return fmt.Errorf("the metadata key %q (of the value %q) cannot be part of a column's name", kv.Key, kv.Value)
		}
		if seen[kv.Key] {
			return fmt.Errorf("the metadata key %q stands twice; a key has one value", kv.Key)
		}
		seen[kv.Key] = true
	}
	return nil
}
