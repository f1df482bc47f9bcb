package csvspec

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
)

// strictReader reads a file with encoding/csv and turns its records into what gocsv expects: its own names for the
// columns of items, items in order and without gaps, cells without spaces around them, amounts in minor units.
type strictReader struct {
	csv      *csv.Reader
	unit     Unit
	columns  []Column // of the file
	targets  []target // of gocsv's records
	metadata []Metadata
	lines    []int // where each row begins
}

// target is a column of gocsv's records.
type target struct {
	name     string
	from     int // column of the file, or -1 for one that only fills a gap
	currency int // column of the file that states the amount's currency, or -1
}

// targets returns gocsv's columns for a file: those that are not metadata, and for items those that are missing up
// to the highest one used. gocsv cannot skip an item.
func targets(h *Header) []target {
	var all []target
	last := map[family]int{familyNone: 0} // the highest item number of each family
	for _, c := range h.Columns {
		if f := c.Field.family(); f != familyNone {
			last[f] = max(last[f], c.Item)
		}
	}
	for _, sp := range specs() {
		last, used := last[sp.family]
		for item := 0; used && item <= last && sp.family != familyMetadata; item++ {
			c := ParseColumn(sp.field.Name(item))
			from, currency := -1, -1
			if found, ok := h.Find(sp.field, item); ok {
				from, currency = found.Index, h.currencyOf(found)
			}
			if from >= 0 || sp.family != familyNone {
				all = append(all, target{toGocsv(c), from, currency})
			}
		}
	}
	return all
}

// toGocsv turns the format's name of an item's column, items.0.price, into gocsv's, items[0].price.
func toGocsv(c Column) string {
	family, rest, dotted := strings.Cut(c.Name, ".")
	if !dotted {
		return c.Name
	}
	number, field, _ := strings.Cut(rest, ".")
	return family + "[" + number + "]." + field
}

// newStrictReader reads the header.
func newStrictReader(r io.Reader, unit Unit) (*strictReader, error) {
	const mark = "\uFEFF" // the byte order mark
	buffered := bufio.NewReader(r)
	if head, _ := buffered.Peek(len(mark)); string(head) == mark {
		_, _ = buffered.Discard(len(mark))
	}
	s := &strictReader{csv: csv.NewReader(buffered), unit: unit}
	names, err := s.csv.Read()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("the file is empty; its first line must name the columns")
	}
	if err != nil {
		return nil, err
	}
	return s, s.setColumns(names)
}

// setColumns checks the header.
func (s *strictReader) setColumns(names []string) error {
	h := &Header{}
	seen := map[string]bool{}
	for i, name := range names {
		c := ParseColumn(name)
		c.Index = i
		switch {
		case !c.Known():
			return fmt.Errorf("column %d is called %q, which the format does not know", i+1, name)
		case seen[c.Name]:
			return fmt.Errorf("column %d repeats the column %s", i+1, c.Name)
		case c.Item >= MaxItems:
			return fmt.Errorf("column %d is %s, but a row may have %d items, from 0 to %d", i+1, c.Name, MaxItems, MaxItems-1)
		}
		seen[c.Name] = true
		h.Columns = append(h.Columns, c)
	}
	s.columns, s.targets = h.Columns, targets(h)
	return nil
}

// Read returns the next record; gocsv asks for all of them at once instead.
func (s *strictReader) Read() ([]string, error) {
	cells, err := s.csv.Read()
	if err != nil {
		return nil, err
	}
	line, _ := s.csv.FieldPos(0)
	s.lines = append(s.lines, line)
	s.metadata = append(s.metadata, s.metadataOf(cells))
	record := make([]string, len(s.targets))
	for i, t := range s.targets {
		if record[i], err = s.cell(cells, t); err != nil {
			line, column := s.csv.FieldPos(t.from)
			return nil, &csv.ParseError{StartLine: s.lines[len(s.lines)-1], Line: line, Column: column, Err: err}
		}
	}
	return record, nil
}

// cell returns the cell of the target as gocsv's codecs read it.
func (s *strictReader) cell(cells []string, t target) (string, error) {
	if t.from < 0 {
		return "", nil
	}
	text := strings.TrimSpace(cells[t.from])
	if text == "" || s.columns[t.from].Field.Kind() != KindAmount || s.unit != UnitMajor {
		return text, nil
	}
	currency := ""
	if t.currency >= 0 {
		currency = cells[t.currency]
	}
	money, problem := ParseMoney(text, s.unit, currency)
	if problem != ProblemNone {
		return "", fmt.Errorf("%s: %q is not an amount of %q in full units", s.columns[t.from].Name, text, currency)
	}
	return Of(money.Minor).String(), nil
}

// metadataOf returns the record's metadata.
func (s *strictReader) metadataOf(cells []string) Metadata {
	var m Metadata
	for _, c := range s.columns {
		if value := strings.TrimSpace(cells[c.Index]); c.Field == FieldMetadata && value != "" {
			m = append(m, KeyValue{c.Key, value})
		}
	}
	return m
}

// ReadAll returns gocsv's header and all records.
func (s *strictReader) ReadAll() ([][]string, error) {
	header := make([]string, len(s.targets))
	for i, t := range s.targets {
		header[i] = t.name
	}
	all := [][]string{header}
	for {
		record, err := s.Read()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		all = append(all, record)
	}
}

// place corrects the place of gocsv's error, which counts records for lines and its own columns.
func (s *strictReader) place(err error) error {
	var parse *csv.ParseError
	row := 0
	if errors.As(err, &parse) && parse.StartLine == 0 { // encoding/csv and Read fill StartLine, gocsv does not
		row = parse.Line - 2
		if row < len(s.lines) && parse.Column <= len(s.targets) {
			name := s.columns[s.targets[parse.Column-1].from].Name
			return fmt.Errorf("line %d, column %s: %w", s.lines[row], name, parse.Err)
		}
	}
	return err
}
