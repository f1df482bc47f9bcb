package convert

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate/internal/csvtext"
)

// table reads a small CSV file by the names of its columns, which stand in any order. Its separator is a comma, a
// semicolon or a tab.
type table struct {
	rows   *csv.Reader
	header []string // without spaces around, in lower case
	cells  []string
}

// openTable reads the header, which must have the columns. The file is called by its name in errors.
func openTable(r io.Reader, name string, columns ...string) (*table, error) {
	in := bufio.NewReader(r)
	head, _ := in.Peek(csvspec.ForeignHead) // an error comes again with the first read
	if other := csvspec.Foreign(head); other != nil {
		return nil, other
	}
	if bytes.HasPrefix(head, []byte("PK\x03\x04")) {
		return nil, fmt.Errorf("this is an Excel workbook: save %s as CSV", name)
	}
	if bytes.HasPrefix(head, []byte(csvtext.BOM)) {
		_, _ = in.Discard(len(csvtext.BOM)) // it was peeked
	}
	t := &table{rows: csv.NewReader(in)}
	t.rows.FieldsPerRecord = -1
	first, _, _ := bytes.Cut(head, []byte("\n"))
	for _, sep := range []rune{';', '\t'} {
		if bytes.ContainsRune(first, sep) && !bytes.ContainsRune(first, ',') {
			t.rows.Comma = sep
			break
		}
	}
	header, err := t.rows.Read()
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	for _, cell := range header {
		t.header = append(t.header, strings.ToLower(csvspec.CleanName(cell)))
	}
	for _, want := range columns {
		if t.find(want) < 0 {
			return nil, fmt.Errorf("%s has no column %s: its first line must be %s", name, want, strings.Join(columns, ","))
		}
	}
	return t, nil
}

// find returns the index of a column, -1 when there is none.
func (t *table) find(column string) int { return slices.Index(t.header, column) }

// next reads the next line that is not blank and returns its number. The error is io.EOF at the end.
func (t *table) next() (line int, err error) {
	for {
		if t.cells, err = t.rows.Read(); err != nil {
			return 0, err
		}
		if strings.TrimSpace(strings.Join(t.cells, "")) != "" {
			line, _ = t.rows.FieldPos(0)
			return line, nil
		}
	}
}

// at returns a cell without spaces around; lines may be shorter than the header.
func (t *table) at(i int) string {
	if i < 0 || i >= len(t.cells) {
		return ""
	}
	return strings.TrimSpace(t.cells[i])
}

func (t *table) cell(column string) string { return t.at(t.find(column)) }
