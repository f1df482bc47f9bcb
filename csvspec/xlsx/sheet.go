package xlsx

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/xuri/excelize/v2"

	"github.com/subferry/subferry/csvspec"
)

// sheet turns the rows of a worksheet into CSV, row by row as it is read. It goes through the worksheet twice at the
// same time, because the library gives either what cells hold or what they show, and both are needed to tell what
// they mean.
type sheet struct {
	name     string
	held     *excelize.Rows
	shown    *excelize.Rows
	epoch    epoch
	header   int            // the row of the header; 0 is the first that is not blank
	kinds    []csvspec.Kind // of the columns; nil until the header has been read
	row      int
	dates    Dates
	read     csvspec.ReadOptions
	noted    bool // that there are dates
	notes    []csvspec.Note
	buf      bytes.Buffer
	out      *csv.Writer
	finished error
}

func openSheet(f *excelize.File, c chosen, opts Options) (*sheet, error) {
	name := c.name
	if err := markDates(f); err != nil {
		return nil, fmt.Errorf("the sheet %q cannot be read: %w", name, err)
	}
	held, err := f.Rows(name)
	if err != nil {
		return nil, fmt.Errorf("the sheet %q cannot be read: %w", name, err)
	}
	shown, err := f.Rows(name)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("the sheet %q cannot be read: %w", name, err), held.Close())
	}
	s := &sheet{name: name, held: held, shown: shown, header: c.header, dates: opts.Dates, read: opts.Read, notes: c.notes}
	if props, err := f.GetWorkbookProps(); err == nil && props.Date1904 != nil {
		s.epoch.since1904 = *props.Date1904
	}
	s.out = csv.NewWriter(&s.buf)
	return s, nil
}

func (s *sheet) close() error { return errors.Join(s.held.Close(), s.shown.Close()) }

// Notes tells how the sheet and its header were found, whether cells that hold dates were read, and in which row the
// first one stands.
func (s *sheet) Notes() []csvspec.Note { return s.notes }

// Read returns the sheet as CSV.
func (s *sheet) Read(p []byte) (int, error) {
	for s.buf.Len() == 0 && s.finished == nil {
		s.finished = s.next()
	}
	if s.buf.Len() == 0 {
		return 0, s.finished
	}
	return s.buf.Read(p)
}

// next writes the next row to the buffer.
func (s *sheet) next() error {
	if !s.held.Next() || !s.shown.Next() {
		return s.end()
	}
	s.row++
	held, err := s.held.Columns(excelize.Options{RawCellValue: true})
	if err != nil {
		return s.broken(err)
	}
	shown, err := s.shown.Columns()
	if err != nil {
		return s.broken(err)
	}
	return s.write(held, shown)
}

func (s *sheet) end() error {
	if err := errors.Join(s.held.Error(), s.shown.Error()); err != nil {
		return s.broken(err)
	}
	return io.EOF
}

func (s *sheet) broken(err error) error {
	return fmt.Errorf("row %d of the sheet %q cannot be read: %w", s.row, s.name, err)
}

// write writes one row. What stands above the header is left out; the header says what the cells below mean.
func (s *sheet) write(held, shown []string) error {
	if s.row < s.header || blank(shown) && blank(held) {
		s.buf.WriteByte('\n')
		return nil
	}
	if s.kinds == nil {
		s.kinds = make([]csvspec.Kind, len(shown))
		for i, name := range shown {
			if s.read.Columns != nil {
				s.kinds[i], _ = s.read.KindOf(name)
				continue
			}
			c := csvspec.ReadColumn(name)
			if meant, ok := csvspec.Meant(name); ok {
				c = csvspec.ParseColumn(meant) // which is what the column becomes when the file is mended
			}
			s.kinds[i] = c.Field.Kind()
		}
		return s.flush(shown)
	}
	record := make([]string, max(len(held), len(shown), len(s.kinds)))
	for i := range record {
		record[i] = s.text(i, at(held, i), at(shown, i))
	}
	return s.flush(record)
}

func (s *sheet) flush(record []string) error {
	if err := s.out.Write(record); err != nil {
		return err
	}
	s.out.Flush()
	return s.out.Error()
}

func blank(cells []string) bool { return strings.TrimSpace(strings.Join(cells, "")) == "" }

func at(cells []string, i int) string {
	if i < len(cells) {
		return cells[i]
	}
	return ""
}
