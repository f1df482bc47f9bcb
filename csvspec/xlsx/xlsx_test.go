package xlsx_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/csvspec/xlsx"
)

// shown is a cell with a number format.
type shown struct {
	value  any
	format string
}

// workbook makes a workbook of one sheet; nil cells are left out.
func workbook(t testing.TB, change func(*excelize.File), rows ...[]any) *bytes.Buffer {
	t.Helper()
	f := excelize.NewFile()
	for r, row := range rows {
		for c, cell := range row {
			name, err := excelize.CoordinatesToCellName(c+1, r+1)
			require.NoError(t, err)
			if s, ok := cell.(shown); ok {
				style, err := f.NewStyle(&excelize.Style{CustomNumFmt: &s.format})
				require.NoError(t, err)
				require.NoError(t, f.SetCellStyle("Sheet1", name, name, style))
				cell = s.value
			}
			if cell != nil {
				require.NoError(t, f.SetCellValue("Sheet1", name, cell))
			}
		}
	}
	if change != nil {
		change(f)
	}
	var b bytes.Buffer
	require.NoError(t, f.Write(&b))
	return &b
}

// open opens a workbook and closes it at the end of the test.
func open(t *testing.T, book *bytes.Buffer, opts xlsx.Options) *xlsx.Workbook {
	t.Helper()
	w, err := xlsx.Open(book, opts)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, w.Close()) })
	return w
}

// texts returns the cells of all rows.
func texts(t *testing.T, w *xlsx.Workbook) []string {
	t.Helper()
	var all []string
	for row, err := range w.Rows().All() {
		require.NoError(t, err)
		var cells []string
		for i := range row.Source.Len() {
			c := row.Source.Cell(i)
			cells = append(cells, c.Ref+"="+c.Text)
		}
		all = append(all, strings.Join(cells, " "))
	}
	return all
}

func TestCellsAreReadAsTheSheetMeansThem(t *testing.T) {
	start := time.Date(2030, 1, 31, 10, 30, 0, 0, time.UTC)
	tests := []struct {
		name, column string
		cell         any
		want         string
	}{
		{"date and time", "start_date", shown{start, "yyyy-mm-dd hh:mm"}, "1896085800"},
		{"date alone", "start_date", shown{start.Truncate(24 * time.Hour), "m/d/yy"}, "1896048000"},
		{"German date", "trial_end", shown{start, "dd.mm.yyyy hh:mm:ss"}, "1896085800"},
		{"month in letters", "trial_end", shown{start, "d-mmm-yy"}, "1896085800"},
		{"afternoon", "trial_end", shown{start.Add(5 * time.Hour), "m/d/yyyy h:mm AM/PM"}, "1896103800"},
		{"seconds", "start_date", 1896085800, "1896085800"},
		{"seconds shown short", "start_date", shown{1896085800, "0.00E+00"}, "1896085800"},
		{"seconds shown long", "start_date", shown{1896085800, "#,##0"}, "1896085800"},
		{"East Asian date", "start_date", shown{start.Truncate(24 * time.Hour), `yyyy"年"m"月"d"日"`}, "1896048000"},
		{"midnight of a date", "start_date", shown{start.Truncate(24 * time.Hour), "[$-409]d mmm yyyy;@"}, "1896048000"},
		{"date and time in metadata", "metadata.since", shown{start, "d.m.yy"}, "2030-01-31 10:30:00"},
		{"number with words", "quantity", shown{47514, `0 "days"`}, "47514"},
		{"number in red", "quantity", shown{47514, `[Red]#,##0\d`}, "47514"},
		{"the word date", "metadata.kind", "date", "date"},
		{"date as text", "start_date", "2030-01-31", "2030-01-31"},
		{"date in metadata", "metadata.since", shown{start.Truncate(24 * time.Hour), "d.m.yy"}, "2030-01-31"},
		{"time of day", "start_date", shown{0.5, "h:mm"}, "0.5"},
		{"amount shown as money", "adhoc_items.0.amount", shown{1999.5, "$#,##0.00"}, "1999.5"},
		{"amount that was calculated", "adhoc_items.0.amount", 0.1 + 0.2, "0.3"},
		{"leading zeros", "metadata.id", shown{123, "00000"}, "00123"},
		{"number shortened in metadata", "metadata.id", shown{1700000000000, "0.0E+00"}, "1700000000000"},
		{"text of digits", "metadata.id", "00123", "00123"},
		{"text that looks shortened", "metadata.id", "1.7E+09", "1.7E+09"},
		{"yes", "automatic_tax", true, "TRUE"},
		{"quotes and line ends", "metadata.note", "a \"b\",\nc", "a \"b\",\nc"},
		{"quantity shown with a unit", "quantity", shown{5, `0 "pcs"`}, "5"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			book := workbook(t, nil, []any{"customer", test.column}, []any{"cus_A", test.cell})
			require.Equal(t, []string{"A2=cus_A B2=" + test.want}, texts(t, open(t, book, xlsx.Options{})))
		})
	}
}

// Minimal writers leave out the styles, which are an optional part of a workbook.
func TestAWorkbookWithoutStyles(t *testing.T) {
	book := workbook(t, nil, []any{"customer", "start_date"}, []any{"cus_1", 2059203600})
	from, err := zip.NewReader(bytes.NewReader(book.Bytes()), int64(book.Len()))
	require.NoError(t, err)
	var bare bytes.Buffer
	to := zip.NewWriter(&bare)
	for _, part := range from.File {
		if part.Name != "xl/styles.xml" {
			require.NoError(t, to.Copy(part))
		}
	}
	require.NoError(t, to.Close())
	require.Equal(t, []string{"A2=cus_1 B2=2059203600"}, texts(t, open(t, &bare, xlsx.Options{})))
}

func TestDatesCountedFrom1904(t *testing.T) {
	since1904 := true
	book := workbook(t, func(f *excelize.File) {
		require.NoError(t, f.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &since1904}))
	}, []any{"customer", "start_date"}, []any{"cus_A", shown{46052.4375, "yyyy-mm-dd hh:mm"}})
	require.Equal(t, []string{"A2=cus_A B2=1896085800"}, texts(t, open(t, book, xlsx.Options{})))
}

func TestRowsKeepTheirPlaces(t *testing.T) {
	long := strings.Repeat("x", 100)
	book := workbook(t, nil, []any{nil}, []any{"customer", "start_date", "price"}, nil,
		[]any{"cus_A", "line\nline", "price_A"}, nil, nil, []any{"cus_B"}, []any{"cus_C", 5, long, "more"})
	w := open(t, book, xlsx.Options{})
	require.Equal(t, 2, w.Rows().Header().Line)
	require.Equal(t, "C2", w.Rows().Header().Source().Cell(2).Ref)
	require.Equal(t, []string{
		"A4=cus_A B4=line\nline C4=price_A", "A7=cus_B B7= C7=", "A8=cus_C B8=5 C8=" + long + " D8=more",
	}, texts(t, w))
}

func TestManyRowsKeepTheirPlaces(t *testing.T) {
	rows := [][]any{{"customer", "start_date"}}
	for i := range 5_000 {
		rows = append(rows, []any{fmt.Sprintf("cus_%d\n%s", i, strings.Repeat("y", 50)), 1_800_000_000 + i})
	}
	w := open(t, workbook(t, nil, rows...), xlsx.Options{})
	n := 0
	for row, err := range w.Rows().All() {
		require.NoError(t, err)
		n++
		require.Equal(t, n+1, row.Source.Line)
		require.EqualValues(t, 1_800_000_000+n-1, row.StartDate)
	}
	require.Equal(t, 5_000, n)
}

func TestDatesAreNoted(t *testing.T) {
	day := shown{time.Date(2030, 1, 31, 0, 0, 0, 0, time.UTC), "yyyy-mm-dd"}
	w := open(t, workbook(t, nil, []any{"customer", "start_date"}, []any{"cus_A", 5}, []any{"cus_B", day}, []any{"cus_C", day}), xlsx.Options{})
	texts(t, w)
	require.Equal(t, []csvspec.Note{{Kind: csvspec.NoteSheetDates, Line: 3}}, w.Rows().Notes())
}

func TestTheSheetIsChosen(t *testing.T) {
	book := workbook(t, func(f *excelize.File) {
		_, err := f.NewSheet("Moves")
		require.NoError(t, err)
		require.NoError(t, f.SetSheetRow("Moves", "A1", &[]any{"customer"}))
		require.NoError(t, f.SetSheetRow("Moves", "A2", &[]any{"cus_M"}))
		f.SetActiveSheet(1)
		require.NoError(t, f.SetSheetVisible("Sheet1", false))
	}, []any{"customer"}, []any{"cus_A"})
	for sheet, want := range map[string]string{"": "A2=cus_M", "moves": "A2=cus_M", "Sheet1": "A2=cus_A"} {
		w := open(t, bytes.NewBuffer(book.Bytes()), xlsx.Options{Sheet: sheet})
		require.Equal(t, []string{want}, texts(t, w), "sheet %q", sheet)
	}
	_, err := xlsx.Open(bytes.NewBuffer(book.Bytes()), xlsx.Options{Sheet: "Nowhere"})
	require.EqualError(t, err, `the workbook has no sheet "Nowhere"; its sheets are ["Sheet1" "Moves"]`)
}

func TestWhatIsNoWorkbookIsRefused(t *testing.T) {
	book := workbook(t, nil, []any{"customer"}).Bytes()
	require.True(t, xlsx.Is(book))
	require.False(t, xlsx.Is([]byte("customer,price")))
	for name, file := range map[string][]byte{"text": []byte("customer\ncus_A\n"), "empty": {}, "cut": book[:len(book)/2]} {
		_, err := xlsx.Open(bytes.NewReader(file), xlsx.Options{})
		require.ErrorContains(t, err, "not an Excel workbook", name)
	}
}

func TestAnEmptySheetIsAnEmptyFile(t *testing.T) {
	w := open(t, workbook(t, nil), xlsx.Options{})
	require.Empty(t, texts(t, w))
	require.Equal(t, csvspec.NoteEmpty, w.Rows().Notes()[0].Kind)
}
