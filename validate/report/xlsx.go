package report

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate"
)

// XLSX gives the same file back as an Excel workbook: cells with findings are filled and have a comment that says what
// is wrong, and a column processing_error stands behind the others. All cells are text, so that no ID loses its zeros
// and nothing is a formula; a workbook of this form is read again as the file that it came from. Row takes the rows of
// validate.Each. Rows wait in a temporary file; only comments are held in memory, and MaxComments of them are written.
type XLSX struct {
	w        io.Writer
	file     *excelize.File
	rows     *excelize.StreamWriter
	styles   map[validate.Severity]int // of cells with findings; "" is that of the others
	about    validate.Findings
	commands Commands
	next     int // row of the sheet
	width    int // columns of the file
	comments int
	left     int
}

const (
	// MaxComments is how many cells of a workbook get a comment, because Excel is slow with many: the fill and the
	// column processing_error are there for all.
	MaxComments = 2000
	// maxSheetRows is how many rows a worksheet can have, its header included.
	maxSheetRows = 1 << 20
	// maxCellText is how many characters a cell of a worksheet can hold.
	maxCellText = 32767

	rowsSheet  = "Subscriptions"
	aboutSheet = "Findings about the file"
)

// NewXLSX returns a writer to w, which gets the workbook at Close. about are the findings about the file and its
// header; commands writes the commands that mend something, or is nil.
func NewXLSX(w io.Writer, about validate.Findings, commands Commands) (*XLSX, error) {
	x := &XLSX{w: w, file: excelize.NewFile(), about: about, commands: commands, styles: map[validate.Severity]int{}, next: 1}
	return x, x.prepare()
}

// prepare makes the sheet and its styles.
func (x *XLSX) prepare() error {
	for severity, colour := range map[validate.Severity]string{"": "", validate.Error: "FFC7CE", deferredRank: "E4DFEC", validate.Warning: "FFEB9C", validate.Info: "DDEBF7"} {
		style := excelize.Style{NumFmt: 49} // text, so that what is typed into the cell stays text as well
		if colour != "" {
			style.Fill = excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{colour}}
		}
		id, err := x.file.NewStyle(&style)
		if err != nil {
			return err
		}
		x.styles[severity] = id
	}
	err := x.file.SetSheetName("Sheet1", rowsSheet)
	if err == nil {
		x.rows, err = x.file.NewStreamWriter(rowsSheet)
	}
	if err == nil {
		err = x.rows.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"})
	}
	if err == nil {
		err = x.rows.SetColWidth(1, 60, 18)
	}
	return err
}

// Row writes a row with what was found in it.
func (x *XLSX) Row(row *csvspec.Row, found []validate.Finding) error {
	if x.next == 1 {
		if err := x.header(row.Source.Header); err != nil {
			return err
		}
	}
	return x.record(row.Source, found, explain(found, x.commands))
}

// header writes the names of the columns.
func (x *XLSX) header(h *csvspec.Header) error {
	x.width = len(h.Columns)
	var found []validate.Finding
	for _, f := range x.about {
		if f.ColumnNumber > 0 && f.Row == 0 {
			found = append(found, f)
		}
	}
	return x.record(h.Source(), found, validate.ErrorColumn)
}

// record writes a record of the file and the text of our own column.
func (x *XLSX) record(src *csvspec.Source, found []validate.Finding, own string) error {
	if x.next > maxSheetRows {
		return errors.New("the file has more rows than a worksheet can hold (1,048,576): -o csv gives it back as CSV")
	}
	cells := make([]any, max(src.Len(), x.width)+1)
	for i := range cells {
		text := src.Text(i)
		if utf8.RuneCountInString(text) > maxCellText {
			return fmt.Errorf("line %d: cell %d has more characters than a worksheet can hold (32,767): -o csv gives the file back as CSV", src.Line, i+1)
		}
		cells[i] = excelize.Cell{StyleID: x.styles[""], Value: text}
	}
	last := len(cells) - 1
	cells[last] = excelize.Cell{StyleID: x.styles[worst(found, -1)], Value: short32(own)}
	for i := range last {
		about := atColumn(found, i+1)
		if len(about) == 0 {
			continue
		}
		cells[i] = excelize.Cell{StyleID: x.styles[worst(about, i)], Value: src.Text(i)}
		if err := x.comment(i, about); err != nil {
			return err
		}
	}
	at, err := excelize.CoordinatesToCellName(1, x.next)
	if err != nil {
		return err
	}
	x.next++
	return x.rows.SetRow(at, cells)
}

// comment puts what was found in a cell of the next row beside it.
func (x *XLSX) comment(column int, about []validate.Finding) error {
	if x.comments++; x.comments > MaxComments {
		x.left++
		return nil
	}
	at, err := excelize.CoordinatesToCellName(column+1, x.next)
	if err != nil {
		return err
	}
	var lines []string
	for _, f := range about {
		lines = append(lines, string(rankOf(f))+" "+f.Code+": "+sentenceOf(f, x.commands))
	}
	return x.file.AddComment(rowsSheet, excelize.Comment{Cell: at, Author: "migrate validate", Text: short32(strings.Join(lines, "\n")), Width: 360, Height: 160})
}

// Uncommented returns how many cells with findings have no comment, because there are too many.
func (x *XLSX) Uncommented() int { return x.left }

// Discard gives up a workbook that will not be written.
func (x *XLSX) Discard() error { return x.file.Close() }

// Close writes the workbook. A file without rows gives an empty sheet.
func (x *XLSX) Close(r *validate.Report) error {
	defer x.file.Close() // removes its temporary files
	if err := x.rows.Flush(); err != nil {
		return err
	}
	if err := x.list(r.Findings); err != nil {
		return err
	}
	_, err := x.file.WriteTo(x.w)
	return err
}

// list writes the findings that have no row into a sheet of their own.
func (x *XLSX) list(found validate.Findings) error {
	lines := [][]any{{"severity", "code", "line", "column", "message", "what to do"}}
	for _, f := range found {
		if f.Row == 0 {
			lines = append(lines, []any{string(f.Severity), f.Code, f.Line, f.Column, f.Message, strings.TrimPrefix(sentenceOf(f, x.commands), f.Message+" ")})
		}
	}
	if len(lines) == 1 {
		return nil
	}
	if _, err := x.file.NewSheet(aboutSheet); err != nil {
		return err
	}
	for i, line := range lines {
		at, err := excelize.CoordinatesToCellName(1, i+1)
		if err == nil {
			err = x.file.SetSheetRow(aboutSheet, at, &line)
		}
		if err != nil {
			return err
		}
	}
	return x.file.SetColWidth(aboutSheet, "E", "F", 80)
}

// atColumn returns what was found in a column.
func atColumn(found []validate.Finding, number int) []validate.Finding {
	var list []validate.Finding
	for _, f := range found {
		if f.ColumnNumber == number {
			list = append(list, f)
		}
	}
	return list
}

// worst returns the class of the worst finding, which decides the colour. The column of our own, -1, speaks of errors
// only.
func worst(found []validate.Finding, column int) validate.Severity {
	for _, rank := range ranks() {
		for _, f := range found {
			if rankOf(f) == rank && (column >= 0 || f.Severity == validate.Error) {
				return rank
			}
		}
	}
	return ""
}

// short32 cuts a text that a cell of a worksheet cannot hold.
func short32(text string) string {
	if utf8.RuneCountInString(text) <= maxCellText {
		return text
	}
	return string([]rune(text)[:maxCellText-1]) + "…"
}
