// Package xlsx reads Excel workbooks as if they were CSV files of the format: the cells as the sheet means them, named
// by their place in the sheet (C12).
package xlsx

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/xuri/excelize/v2"

	"github.com/subferry/subferry/csvspec"
)

// maxUnzipped is how many bytes a workbook may take when it is unzipped: ten times what Stripe's toolkit takes as CSV.
// A file that takes more was made to fill memory.
const maxUnzipped = 2 << 30

// Options say how a workbook is to be read.
type Options struct {
	// Sheet is the name of the worksheet; blank is the only visible one that has a header of the format, or the first
	// visible one when none has.
	Sheet string
	// Dates says what cells that hold dates become in columns of dates.
	Dates Dates
	// Read says how the cells are to be read.
	Read csvspec.ReadOptions
}

// Dates says how dates are read, which a workbook keeps without a time zone.
type Dates uint8

// The ways to read dates.
const (
	DatesUTC     Dates = iota // as Unix seconds, the wall time taken as UTC; a note says so
	DatesWritten              // as text, 2027-02-01 or 2027-02-01 10:00:00, which means nothing without a zone
)

// UnreadableError is a file that begins as a workbook does, and is damaged, encrypted or none.
type UnreadableError struct{ reason string }

// Error says what stands in the way.
func (e *UnreadableError) Error() string {
	return "this is not an Excel workbook (.xlsx) that can be read: " + e.reason
}

// Workbook is an open workbook. It must be closed, because large sheets wait in temporary files.
type Workbook struct {
	file  *excelize.File
	sheet *sheet
	rows  *csvspec.Reader
}

// Is tells whether a file that begins like this, with at least four bytes, may be a workbook: whether it is zipped. No
// text begins like that.
func Is(head []byte) bool { return bytes.HasPrefix(head, []byte("PK\x03\x04")) }

// Open reads a workbook as far as the header of its sheet. The zipped workbook is held in memory, its rows are
// not. The error says what is wrong with the workbook; it is a *SheetError when the sheet to read has to be named, a
// *csvspec.ForeignError for zipped files of other programs, and an *UnreadableError for damaged ones.
func Open(r io.Reader, opts Options) (*Workbook, error) {
	zipped, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("the workbook cannot be read: %w", err)
	}
	if other := foreign(zipped); other != nil {
		return nil, other
	}
	w := &Workbook{}
	w.file, err = excelize.OpenReader(bytes.NewReader(zipped), excelize.Options{UnzipSizeLimit: maxUnzipped})
	if err != nil {
		return nil, &UnreadableError{err.Error()}
	}
	if err = whole(zipped); err != nil {
		return nil, errors.Join(&UnreadableError{err.Error()}, w.file.Close())
	}
	if err := w.open(opts); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	return w, nil
}

// open goes to the first row below the header.
func (w *Workbook) open(opts Options) error {
	c, err := choose(w.file, opts.Sheet, opts.Read)
	if err != nil {
		return err
	}
	if w.sheet, err = openSheet(w.file, c, opts); err != nil {
		return err
	}
	w.rows, err = csvspec.NewSheetReader(w.sheet, opts.Read)
	return err
}

// Rows returns the reader of the sheet's rows. It ends when the workbook is closed.
func (w *Workbook) Rows() *csvspec.Reader { return w.rows }

// Sheet returns the name of the sheet that is read.
func (w *Workbook) Sheet() string { return w.sheet.name }

// Close removes the temporary files of the workbook.
func (w *Workbook) Close() error {
	var err error
	if w.sheet != nil {
		err = w.sheet.close()
	}
	return errors.Join(err, w.file.Close())
}
