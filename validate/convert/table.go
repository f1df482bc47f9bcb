package convert

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/csvspec/xlsx"
	"github.com/subferry/subferry/validate/internal/csvtext"
)

// Table is a small file that people fill in, or that comes with a copy: CSV separated by commas, semicolons or tabs, or a
// workbook. Its cells are read by the names of its columns, which stand in any order.
type Table struct {
	Line int // of the present row

	rows   iter.Seq2[record, error]
	header []string // without spaces around, in lower case
	cells  []string // of the present row
}

// record is a row with the number of its line.
type record struct {
	line  int
	cells []string
}

// OpenTable reads the header, which must have the columns. The file is called by its name in errors.
func OpenTable(r io.Reader, name string, columns ...string) (*Table, error) {
	in := bufio.NewReaderSize(r, csvspec.ForeignHead)
	head, _ := in.Peek(csvspec.ForeignHead) // an error comes again with the first read
	if other := csvspec.Foreign(head); other != nil {
		return nil, other
	}
	t := &Table{}
	var header []string
	var err error
	if xlsx.Is(head) {
		header, err = t.openWorkbook(in)
	} else {
		header, err = t.openText(in, head)
	}
	if err != nil {
		return nil, err
	}
	for _, cell := range header {
		t.header = append(t.header, strings.ToLower(csvspec.CleanName(cell)))
	}
	for _, want := range columns {
		if !t.Has(want) {
			return nil, fmt.Errorf("%s has no column %s: its first line must be %s", name, want, strings.Join(columns, ","))
		}
	}
	return t, nil
}

// openText reads the header of a CSV file whose first bytes are head.
func (t *Table) openText(in *bufio.Reader, head []byte) (header []string, err error) {
	if bytes.HasPrefix(head, []byte(csvtext.BOM)) {
		_, _ = in.Discard(len(csvtext.BOM)) // it was peeked
	}
	rows := csv.NewReader(in)
	rows.FieldsPerRecord = -1
	first, _, _ := bytes.Cut(head, []byte("\n"))
	for _, sep := range []rune{';', '\t'} {
		if bytes.ContainsRune(first, sep) && !bytes.ContainsRune(first, ',') {
			rows.Comma = sep
			break
		}
	}
	t.rows = func(yield func(record, error) bool) {
		for {
			cells, err := rows.Read()
			if errors.Is(err, io.EOF) {
				return
			}
			one := record{cells: cells}
			if err == nil {
				one.line, _ = rows.FieldPos(0)
			}
			if !yield(one, err) || err != nil {
				return
			}
		}
	}
	if header, err = rows.Read(); errors.Is(err, io.EOF) {
		return nil, nil
	}
	return header, err
}

// openWorkbook reads the header of a workbook's sheet.
func (t *Table) openWorkbook(in io.Reader) (header []string, err error) {
	book, err := xlsx.Open(in, xlsx.Options{Dates: xlsx.DatesWritten})
	if err != nil {
		return nil, err
	}
	for _, c := range book.Rows().Header().Columns {
		header = append(header, c.Raw)
	}
	t.rows = func(yield func(record, error) bool) {
		defer book.Close()
		for row, err := range book.Rows().All() {
			one := record{}
			if err == nil {
				one.line = row.Source.Line
				for i := range row.Source.Len() {
					one.cells = append(one.cells, row.Source.Text(i))
				}
			}
			if !yield(one, err) {
				return
			}
		}
	}
	return header, nil
}

// Columns returns the names of the columns in lower case.
func (t *Table) Columns() []string { return t.header }

// Has tells whether there is a column.
func (t *Table) Has(column string) bool { return slices.Contains(t.header, column) }

// Each visits the rows that are not blank. The error is one of reading, or that of visit.
func (t *Table) Each(visit func() error) error {
	for row, err := range t.rows {
		if err != nil {
			return err
		}
		if t.Line, t.cells = row.line, row.cells; strings.TrimSpace(strings.Join(t.cells, "")) == "" {
			continue
		}
		if err := visit(); err != nil {
			return err
		}
	}
	return nil
}

// Cell returns a cell of the present row without spaces around; "" when the row is shorter, or has no such column.
func (t *Table) Cell(column string) string {
	i := slices.Index(t.header, column)
	if i < 0 || i >= len(t.cells) {
		return ""
	}
	return strings.TrimSpace(t.cells[i])
}
