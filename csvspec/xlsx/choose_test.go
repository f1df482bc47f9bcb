package xlsx_test

import (
	"archive/zip"
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/csvspec/xlsx"
)

// tab is a sheet of a workbook.
type tab struct {
	name   string
	hidden bool
	rows   [][]any
}

func tabs(t *testing.T, list ...tab) *bytes.Buffer {
	t.Helper()
	f := excelize.NewFile()
	for _, s := range list {
		_, err := f.NewSheet(s.name)
		require.NoError(t, err)
		for i, row := range s.rows {
			at, err := excelize.CoordinatesToCellName(1, i+1)
			require.NoError(t, err)
			require.NoError(t, f.SetSheetRow(s.name, at, &row))
		}
	}
	require.NoError(t, f.DeleteSheet("Sheet1"))
	f.SetActiveSheet(0)
	for _, s := range list {
		require.NoError(t, f.SetSheetVisible(s.name, !s.hidden))
	}
	var b bytes.Buffer
	require.NoError(t, f.Write(&b))
	return &b
}

func table(id string) [][]any {
	return [][]any{{"customer", "start_date", "price"}, {id, 1801440000, "price_A"}}
}

func TestTheTableIsFound(t *testing.T) {
	cover := [][]any{{"Migration"}, {"customer", "is the ID"}, {"see the next sheet"}}
	for _, c := range []struct {
		name  string
		tabs  []tab
		sheet string
		row   string
		notes []csvspec.Note
	}{
		{"a cover sheet first", []tab{{name: "Cover", rows: cover}, {name: "Subs", rows: table("cus_A")}}, "Subs", "A2=cus_A B2=1801440000 C2=price_A",
			[]csvspec.Note{{Kind: csvspec.NoteSheetFound, Line: 1, Text: "Subs"}}},
		{"a lookup sheet behind", []tab{{name: "Subs", rows: table("cus_A")}, {name: "Prices", rows: cover}}, "Subs", "A2=cus_A B2=1801440000 C2=price_A", nil},
		{"a hidden table", []tab{{name: "Subs", rows: table("cus_A")}, {name: "Old", rows: table("cus_O"), hidden: true}}, "Subs", "A2=cus_A B2=1801440000 C2=price_A",
			[]csvspec.Note{{Kind: csvspec.NoteSheetsOther, Line: 1, Text: `"Old" (hidden)`}}},
		{"a title above the header", []tab{{name: "Subs", rows: append([][]any{{nil, "As of 26 Nov"}, {}}, table("cus_A")...)}}, "Subs", "A4=cus_A B4=1801440000 C4=price_A",
			[]csvspec.Note{{Kind: csvspec.NoteSheetTitle, Line: 3, Text: "As of 26 Nov"}}},
		{"names to be mended", []tab{{name: "Cover", rows: cover}, {name: "Subs", rows: [][]any{{"Customer ID", "Start Date"}, {"cus_A", "x"}}}}, "Subs", "A2=cus_A B2=x",
			[]csvspec.Note{{Kind: csvspec.NoteSheetFound, Line: 1, Text: "Subs"}}},
		{"Stripe's export", []tab{{name: "Cover", rows: cover}, {name: "Export", rows: [][]any{{"id", "Customer ID", "Plan", "Status", "Current Period End (UTC)"}, {"sub_1"}}}},
			"Export", "A2=sub_1 B2= C2= D2= E2=", []csvspec.Note{{Kind: csvspec.NoteSheetFound, Line: 1, Text: "Export"}}},
		{"no table at all", []tab{{name: "Cover", rows: [][]any{{"customer"}, {"cus_A"}}}, {name: "Other", rows: cover}, {name: "Blank"}}, "Cover", "A2=cus_A",
			[]csvspec.Note{{Kind: csvspec.NoteSheetsOther, Line: 1, Text: `"Other"`}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := open(t, tabs(t, c.tabs...), xlsx.Options{})
			require.Equal(t, c.sheet, w.Sheet())
			require.Equal(t, []string{c.row}, texts(t, w))
			require.Equal(t, c.notes, w.Rows().Notes())
		})
	}
}

func TestSeveralTablesHaveToBeNamed(t *testing.T) {
	_, err := xlsx.Open(tabs(t, tab{name: "A", rows: table("cus_A")}, tab{name: "B", rows: table("cus_B")}), xlsx.Options{})
	var unclear *xlsx.SheetError
	require.ErrorAs(t, err, &unclear)
	require.Equal(t, []string{"A", "B"}, unclear.Tables)
	require.ErrorContains(t, err, `name it with --sheet; they are "A", "B"`)
}

// Dates as text have no zone yet, from whatever year the workbook counts.
func TestDatesAsTheyAreWritten(t *testing.T) {
	start := time.Date(2030, 1, 31, 10, 30, 0, 0, time.UTC)
	for cell, want := range map[any]string{shown{start, "d.m.yy"}: "2030-01-31 10:30:00", shown{start.Truncate(24 * time.Hour), "d.m.yy"}: "2030-01-31", 1801440000: "1801440000"} {
		w := open(t, workbook(t, nil, []any{"customer", "start_date"}, []any{"cus_A", cell}), xlsx.Options{Dates: xlsx.DatesWritten})
		require.Equal(t, []string{"A2=cus_A B2=" + want}, texts(t, w))
		require.Empty(t, w.Rows().Notes())
	}
	since1904 := true
	w := open(t, workbook(t, func(f *excelize.File) {
		require.NoError(t, f.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &since1904}))
	}, []any{"customer", "Start Date"}, []any{"cus_A", shown{46052, "yyyy-mm-dd"}}), xlsx.Options{Dates: xlsx.DatesWritten})
	require.Equal(t, []string{"A2=cus_A B2=2030-01-31"}, texts(t, w))
}

func TestZippedFilesOfOtherPrograms(t *testing.T) {
	for want, parts := range map[string]map[string]string{
		"an OpenDocument spreadsheet (.ods)":                {"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<x/>"},
		"a document of another kind (application/epub+zip)": {"mimetype": "application/epub+zip"},
		"a document of Apple Numbers, Pages or Keynote":     {"Index/Document.iwa": "x"},
		"an Excel workbook in binary form (.xlsb)":          {"[Content_Types].xml": "<x/>", "xl/workbook.bin": "x"},
		"a Word document":           {"[Content_Types].xml": "<x/>", "word/document.xml": "<x/>"},
		"a PowerPoint presentation": {"[Content_Types].xml": "<x/>", "ppt/presentation.xml": "<x/>"},
		"a zip archive":             {"subs.csv": "customer\n"},
	} {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for name, text := range parts {
			w, err := z.Create(name)
			require.NoError(t, err)
			_, err = w.Write([]byte(text))
			require.NoError(t, err)
		}
		require.NoError(t, z.Close())
		_, err := xlsx.Open(&b, xlsx.Options{})
		var foreign *csvspec.ForeignError
		require.ErrorAs(t, err, &foreign, want)
		require.Equal(t, want, foreign.What)
	}
}
