package export

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
)

// writeCSV writes the objects of a file as a table for spreadsheets: a column for each field that any object has, those
// of objects inside with a dot (recurring.interval), lists as JSON. A text that a spreadsheet would take for a formula
// gets an apostrophe in front, so the file of JSON lines is the exact one.
func writeCSV(w io.Writer, name string, k Kind) error {
	columns, seen := []string{"id"}, map[string]bool{"id": true}
	err := eachFlat(name, k, func(cells map[string]string) error {
		for c := range cells {
			if !seen[c] {
				seen[c] = true
				columns = append(columns, c)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	slices.Sort(columns[1:])
	out := csv.NewWriter(w)
	if err := out.Write(columns); err != nil {
		return err
	}
	record := make([]string, len(columns))
	err = eachFlat(name, k, func(cells map[string]string) error {
		for i, c := range columns {
			record[i] = cells[c]
		}
		return out.Write(record)
	})
	out.Flush()
	if err == nil {
		err = out.Error()
	}
	return err
}

// eachFlat visits the objects of a file as cells.
func eachFlat(name string, k Kind, visit func(map[string]string) error) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	return eachLine(f, k, func(o object) error {
		cells := map[string]string{}
		if err := flatten(cells, "", o.raw); err != nil {
			return err
		}
		return visit(cells)
	})
}

// flatten adds the cells of a value. What is null or empty has none.
func flatten(cells map[string]string, name string, raw []byte) error {
	switch raw[0] {
	case '{':
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(raw, &fields); err != nil {
			return err
		}
		for f, value := range fields {
			inner := f
			if name != "" {
				inner = name + "." + f
			}
			if err := flatten(cells, inner, value); err != nil {
				return err
			}
		}
	case '"':
		var text string
		if err := json.Unmarshal(raw, &text); err != nil {
			return err
		}
		if _, err := strconv.ParseFloat(text, 64); err != nil && text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
			text = "'" + text
		}
		cells[name] = text
	case 'n':
	default:
		cells[name] = string(raw)
	}
	return nil
}
