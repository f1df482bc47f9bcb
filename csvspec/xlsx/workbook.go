// Package xlsx reads Excel workbooks as if they were CSV files of the format: the cells as the sheet means them, named
// by their place in the sheet (C12).
package xlsx

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"

	"github.com/subferry/subferry/csvspec"
)

// maxUnzipped is how many bytes a workbook may take when it is unzipped: ten times what Stripe's toolkit takes as CSV.
// A file that takes more was made to fill memory.
const maxUnzipped = 2 << 30

// Options say how a workbook is to be read.
type Options struct {
	// Sheet is the name of the worksheet; blank is the first one that is visible.
	Sheet string
	// Read says how the cells are to be read.
	Read csvspec.ReadOptions
}

// Workbook is an open workbook. It must be closed, because large sheets wait in temporary files.
type Workbook struct {
	file  *excelize.File
	sheet *sheet
	rows  *csvspec.Reader
}

// Is tells whether a file that begins like this, with at least four bytes, may be a workbook: whether it is zipped. No text
// begins like that.
func Is(head []byte) bool { return bytes.HasPrefix(head, []byte("PK\x03\x04")) }

// Open reads a workbook as far as the header of its sheet. The zipped workbook is held in memory, its rows are
// not. The error says what is wrong with the workbook, or which sheets there are when the one that was asked for
// is not among them.
func Open(r io.Reader, opts Options) (*Workbook, error) {
	file, err := openFile(r)
	if err != nil {
		return nil, fmt.Errorf("this is not an Excel workbook (.xlsx) that can be read: %w", err)
	}
	w := &Workbook{file: file}
	if err := w.open(opts); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	return w, nil
}

// openFile opens a workbook that is whole.
func openFile(r io.Reader) (*excelize.File, error) {
	zipped, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	file, err := excelize.OpenReader(bytes.NewReader(zipped), excelize.Options{UnzipSizeLimit: maxUnzipped})
	if err != nil {
		return nil, err
	}
	if err := whole(zipped); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// open goes to the first row below the header.
func (w *Workbook) open(opts Options) error {
	name, err := choose(w.file, opts.Sheet)
	if err != nil {
		return err
	}
	if w.sheet, err = openSheet(w.file, name); err != nil {
		return err
	}
	w.rows, err = csvspec.NewSheetReader(w.sheet, opts.Read)
	return err
}

// Rows returns the reader of the sheet's rows. It ends when the workbook is closed.
func (w *Workbook) Rows() *csvspec.Reader { return w.rows }

// Sheet returns the name of the sheet that is read.
func (w *Workbook) Sheet() string { return w.sheet.name }

// Close gives up what the workbook holds.
func (w *Workbook) Close() error {
	var err error
	if w.sheet != nil {
		err = w.sheet.close()
	}
	return errors.Join(err, w.file.Close())
}

// choose returns the name of the sheet to read.
func choose(f *excelize.File, name string) (string, error) {
	all := f.GetSheetList()
	if name == "" {
		return firstVisible(f, all)
	}
	if i := slices.IndexFunc(all, func(s string) bool { return strings.EqualFold(s, name) }); i >= 0 {
		return all[i], nil
	}
	return "", fmt.Errorf("the workbook has no sheet %q; its sheets are %q", name, all)
}

// firstVisible returns the first sheet that people see when they open the workbook.
func firstVisible(f *excelize.File, all []string) (string, error) {
	for _, name := range all {
		if visible, err := f.GetSheetVisible(name); err == nil && visible {
			return name, nil
		}
	}
	return "", errors.New("the workbook has no sheet that is visible; name one")
}
