package csvspec

import (
	"io"

	"github.com/gocarina/gocsv"
)

// Unmarshal reads a whole file strictly into rows without a Source: a UTF-8 file as RFC 4180 describes it, comma
// between cells, all columns known, none twice, every cell readable. The first thing that is not so is an error that
// says where it stands, and no rows are returned.
//
// It is for programs that read files of programs. People's files are read with a Reader, which loses nothing,
// reports everything and holds no more than a piece of the file in memory.
func Unmarshal(r io.Reader, opts ReadOptions) ([]Row, error) {
	in, err := newStrictReader(r, opts.Unit)
	if err != nil {
		return nil, err
	}
	var rows []Row
	if err := gocsv.UnmarshalCSV(in, &rows); err != nil {
		return nil, in.place(err)
	}
	for i := range rows {
		r := &rows[i]
		r.Items, r.AdhocItems, r.AddInvoiceItems = trimBlank(r.Items), trimBlank(r.AdhocItems), trimBlank(r.AddInvoiceItems)
		r.Metadata = in.metadata[i]
	}
	return rows, nil
}

// trimBlank cuts off the blank items after the last one that is not.
func trimBlank[T interface{ IsBlank() bool }](items []T) []T {
	for len(items) > 0 && items[len(items)-1].IsBlank() {
		items = items[:len(items)-1]
	}
	return items
}
