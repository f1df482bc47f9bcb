package csvspec

import (
	"io"

	"github.com/subferry/subferry/csvspec/internal/scan"
)

// Sheet is a worksheet as a source of rows: UTF-8 text as RFC 4180 describes it, commas and line feeds, in which
// record n is row n of the worksheet and a blank line a blank row. Package xlsx makes one of a workbook.
type Sheet interface {
	io.Reader

	// Notes returns what reading the worksheet took care of; it is called when the worksheet has been read.
	Notes() []Note
}

// NewSheetReader reads the header of a worksheet. Cells are found by their names in the sheet (C12), lines are its
// rows, and there are no bytes to point at.
func NewSheetReader(s Sheet, opts ReadOptions) (*Reader, error) {
	chunker := scan.ChunkerOf(scan.PlainInput(s), chunkSize, scan.Dialect{Comma: ',', Newline: '\n', Sheet: true})
	return newReader(chunker, opts, s.Notes)
}
