package xlsx

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"github.com/subferry/subferry/csvspec"
)

// SheetError tells that it has to be said which worksheet is meant.
type SheetError struct {
	Asked  string   // the name that was given; "" when none was
	Tables []string // the visible sheets that have a header of the format
	Sheets []string // all sheets; none of a file that is no workbook
}

// Error names the sheets there are.
func (e *SheetError) Error() string {
	switch {
	case e.Asked != "" && len(e.Sheets) == 0:
		return fmt.Sprintf("this is no Excel workbook, and has no sheet %q: leave the name of the sheet out", e.Asked)
	case e.Asked != "":
		return fmt.Sprintf("the workbook has no sheet %q; its sheets are %q", e.Asked, e.Sheets)
	case len(e.Tables) > 0:
		return fmt.Sprintf("%d sheets of the workbook have a header of the format, and only one is read: name it with --sheet; they are %s", len(e.Tables), quoted(e.Tables))
	}
	return "the workbook has no sheet that is visible; name one with --sheet: " + quoted(e.Sheets)
}

// chosen is the sheet that is read.
type chosen struct {
	name   string
	header int            // the row of its header; 0 when none was found, and the first row that is not blank counts
	notes  []csvspec.Note // what had to be decided
}

// candidate is a sheet of which the top has been read.
type candidate struct {
	name    string
	visible bool
	header  int    // the row of the first header of the format; 0 when there is none near the top
	first   int    // the first row that is not blank; 0 for a sheet that is blank
	title   string // the first cell of that row that is not blank
}

// choose returns the sheet to read: the one that is named, or the only visible one with a header of the format.
func choose(f *excelize.File, name string, read csvspec.ReadOptions) (chosen, error) {
	all := f.GetSheetList()
	if name != "" {
		i := slices.IndexFunc(all, func(s string) bool { return strings.EqualFold(s, name) })
		if i < 0 {
			return chosen{}, &SheetError{Asked: name, Sheets: all}
		}
		return inspect(f, all[i], read).chosen(), nil
	}
	var sheets []candidate
	for _, s := range all {
		sheets = append(sheets, inspect(f, s, read))
	}
	visible, tables := indices(sheets, false), indices(sheets, true)
	switch {
	case len(visible) == 0:
		return chosen{}, &SheetError{Sheets: all}
	case len(tables) > 1:
		e := &SheetError{Sheets: all}
		for _, i := range tables {
			e.Tables = append(e.Tables, sheets[i].name)
		}
		return chosen{}, e
	}
	at := visible[0]
	if len(tables) == 1 {
		at = tables[0]
	}
	c := sheets[at].chosen()
	if at != visible[0] {
		c.notes = append(c.notes, csvspec.Note{Kind: csvspec.NoteSheetFound, Line: max(c.header, 1), Text: c.name})
	}
	var others []string // may be meant: hidden ones with a header, and all that hold something where no sheet has a header
	for i, s := range sheets {
		switch {
		case i == at, s.first == 0, s.header == 0 && sheets[at].header > 0:
		case s.visible:
			others = append(others, strconv.Quote(s.name))
		default:
			others = append(others, strconv.Quote(s.name)+" (hidden)")
		}
	}
	if len(others) > 0 {
		c.notes = append(c.notes, csvspec.Note{Kind: csvspec.NoteSheetsOther, Line: max(c.header, 1), Text: strings.Join(others, ", ")})
	}
	return c, nil
}

// indices returns the visible sheets, or those of them that have a header of the format.
func indices(sheets []candidate, headed bool) []int {
	var list []int
	for i, s := range sheets {
		if s.visible && (!headed || s.header > 0) {
			list = append(list, i)
		}
	}
	return list
}

// chosen returns the sheet as the one to read, with a note when something stands above its header.
func (s candidate) chosen() chosen {
	c := chosen{name: s.name, header: s.header}
	if s.header > s.first {
		c.notes = []csvspec.Note{{Kind: csvspec.NoteSheetTitle, Line: s.header, Text: s.title}}
	}
	return c
}

// searched is how many rows from the top a header is looked for.
const searched = 50

// inspect reads the top of a sheet. One that cannot be read, a chart for example, counts as blank.
func inspect(f *excelize.File, name string, read csvspec.ReadOptions) candidate {
	s := candidate{name: name}
	if visible, err := f.GetSheetVisible(name); err == nil {
		s.visible = visible
	}
	rows, err := f.Rows(name)
	if err != nil {
		return s
	}
	defer rows.Close()
	for row := 1; row <= searched && rows.Next(); row++ {
		cells, err := rows.Columns()
		if err != nil {
			return s
		}
		if blank(cells) {
			continue
		}
		if s.first == 0 {
			filled := slices.IndexFunc(cells, func(cell string) bool { return strings.TrimSpace(cell) != "" })
			s.first, s.title = row, strings.TrimSpace(cells[filled])
		}
		if isHeader(cells, read) {
			s.header = row
			return s
		}
	}
	return s
}

// isHeader tells whether cells are a header of the format: at least two of them name columns, or it is that of an
// export that can be converted.
func isHeader(cells []string, read csvspec.ReadOptions) bool {
	names := map[string]bool{}
	for _, cell := range cells {
		if read.Columns != nil {
			if _, ok := read.KindOf(cell); ok {
				names[strings.ToLower(csvspec.CleanName(cell))] = true
			}
		} else if c := csvspec.ReadColumn(cell); c.Known() {
			names[c.Name] = true
		} else if meant, ok := csvspec.Meant(cell); ok {
			names[meant] = true
		}
	}
	return len(names) >= 2 || read.Columns == nil && csvspec.IsStripeExport(cells)
}

func quoted(names []string) string {
	var list []string
	for _, n := range names {
		list = append(list, strconv.Quote(n))
	}
	return strings.Join(list, ", ")
}
