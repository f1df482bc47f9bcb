// Package open reads files of all kinds as rows: text, and Excel workbooks.
package open

import (
	"bufio"
	"fmt"
	"io"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/csvspec/xlsx"
)

// Rows reads the header of a file and tells a workbook from text by its first bytes. sheet is the name of a
// workbook's worksheet; blank is the first visible one. What is returned must be closed.
func Rows(r io.Reader, sheet string, opts csvspec.ReadOptions) (*csvspec.Reader, io.Closer, error) {
	in := bufio.NewReaderSize(r, headSize)
	if head, _ := in.Peek(headSize); !xlsx.Is(head) { // an error comes again with the first read
		if sheet != "" {
			return nil, nil, fmt.Errorf("this is no Excel workbook, and has no sheet %q: leave the name of the sheet out", sheet)
		}
		rows, err := csvspec.NewReader(in, opts)
		return rows, io.NopCloser(nil), err
	}
	book, err := xlsx.Open(in, xlsx.Options{Sheet: sheet, Read: opts})
	if err != nil {
		return nil, nil, err
	}
	return book.Rows(), book, nil
}

// headSize is how much of a file is looked at, and the smallest buffer that bufio makes.
const headSize = 16
