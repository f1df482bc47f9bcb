package csvspec

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"

	"github.com/gocarina/gocsv"
)

// MaxItems is how many items of a kind a row may have.
const MaxItems = 20

// Write writes a file of the template: its columns, and below them the rows. Of items, as many columns are written
// as the row with most of them needs (blank items at the end need none); of metadata, one column for each key, in the
// order in which keys first appear. Columns of another template are written only if a row fills them. Amounts are
// written in minor units.
//
// Nothing is lost in silence: a row that has a cell which could not be read, more items than MaxItems, or a metadata
// key that stands twice or cannot be in a column's name, is an error and nothing is written.
func Write(w io.Writer, t Template, rows []Row) error {
	for i := range rows {
		if err := rows[i].writable(); err != nil {
			return fmt.Errorf("row %d cannot be written: %w", i+1, err)
		}
	}
	var keys []string // of metadata, in the order in which they first appear
	seen := map[string]bool{}
	for i := range rows {
		for _, kv := range rows[i].Metadata {
			if !seen[kv.Key] {
				seen[kv.Key] = true
				keys = append(keys, kv.Key)
			}
		}
	}
	return gocsv.MarshalCSV(rows, &tableWriter{Writer: csv.NewWriter(w), rows: rows, uses: usageOf(t, rows), keys: keys})
}

// WriteTemplate writes the header of the template and nothing else: all columns the format knows for it, with two
// items in the multi-item template and one ad-hoc item in the ad-hoc template, one invoice item, and the two
// metadata columns of Stripe's own templates.
func WriteTemplate(w io.Writer, t Template) error {
	uses := usageOf(t, nil)
	uses.itemsOnce = 1
	if t == MultiItem {
		uses.items = 2
	}
	return gocsv.MarshalCSV([]Row{}, &tableWriter{
		Writer: csv.NewWriter(w), uses: uses, keys: []string{"third_party_sub_id", "source"}})
}

// tableWriter takes the records that gocsv makes of rows, all columns of all templates, and writes the columns that
// the file has.
type tableWriter struct {
	*csv.Writer
	rows    []Row
	uses    usage
	keys    []string // of metadata
	columns []int    // of gocsv's record
	next    int      // row
	begun   bool
	record  []string
}

// Write writes the header when it is called first, then a row at each call.
func (t *tableWriter) Write(record []string) error {
	if !t.begun {
		t.begun = true
		return t.Writer.Write(t.header(record))
	}
	t.record = t.record[:0]
	for _, i := range t.columns {
		t.record = append(t.record, record[i])
	}
	for _, key := range t.keys {
		t.record = append(t.record, t.rows[t.next].Metadata.Get(key))
	}
	t.next++
	return t.Writer.Write(t.record)
}

// header chooses the columns and names them.
func (t *tableWriter) header(names []string) []string {
	var header []string
	for i, name := range names {
		name = strings.NewReplacer("[", ".", "]", "").Replace(name) // items[0].price is items.0.price in the format
		if t.uses.has(ParseColumn(name)) {
			t.columns = append(t.columns, i)
			header = append(header, name)
		}
	}
	for _, key := range t.keys {
		header = append(header, FieldMetadata.Name(0)+key)
	}
	return header
}
