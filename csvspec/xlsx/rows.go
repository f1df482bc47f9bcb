package xlsx

import (
	"bufio"
	"io"

	"github.com/subferry/subferry/csvspec"
)

// Rows reads the header of a file of any kind, text or workbook, and tells by its first bytes what it is. The error is
// a *csvspec.ForeignError for a file that is neither. The closer must be closed when the rows have been read.
func Rows(r io.Reader, opts Options) (*csvspec.Reader, io.Closer, error) {
	in := bufio.NewReaderSize(r, csvspec.ForeignHead)
	head, _ := in.Peek(csvspec.ForeignHead) // an error comes again with the first read
	if other := csvspec.Foreign(head); other != nil {
		return nil, nil, other
	}
	if !Is(head) {
		if opts.Sheet != "" {
			return nil, nil, &SheetError{Asked: opts.Sheet}
		}
		rows, err := csvspec.NewReader(in, opts.Read)
		return rows, io.NopCloser(nil), err
	}
	book, err := Open(in, opts)
	if err != nil {
		return nil, nil, err
	}
	return book.Rows(), book, nil
}
