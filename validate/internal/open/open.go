// Package open reads files of all kinds as rows: text, and Excel workbooks.
package open

import (
	"bufio"
	"fmt"
	"io"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/csvspec/xlsx"
)

// Options say how a file is to be read.
type Options struct {
	Sheet string     // of a workbook; blank is the one that has a header of the format
	Dates xlsx.Dates // of a workbook
	Read  csvspec.ReadOptions
}

// Rows reads the header of a file and tells by its first bytes what it is. The error is a *csvspec.ForeignError for a
// file that is neither text nor a workbook. What is returned must be closed.
func Rows(r io.Reader, opts Options) (*csvspec.Reader, io.Closer, error) {
	in := bufio.NewReaderSize(r, csvspec.ForeignHead)
	head, _ := in.Peek(csvspec.ForeignHead) // an error comes again with the first read
	if other := csvspec.Foreign(head); other != nil {
		return nil, nil, other
	}
	if !xlsx.Is(head) {
		if opts.Sheet != "" {
			return nil, nil, fmt.Errorf("this is no Excel workbook, and has no sheet %q: leave the name of the sheet out", opts.Sheet)
		}
		rows, err := csvspec.NewReader(in, opts.Read)
		return rows, io.NopCloser(nil), err
	}
	book, err := xlsx.Open(in, xlsx.Options{Sheet: opts.Sheet, Dates: opts.Dates, Read: opts.Read})
	if err != nil {
		return nil, nil, err
	}
	return book.Rows(), book, nil
}
