package report_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/csvspec/xlsx"
	"github.com/subferry/subferry/validate"
	"github.com/subferry/subferry/validate/report"
)

// asWorkbook gives a file back as a workbook.
func asWorkbook(t *testing.T, text string) (*excelize.File, []byte, *report.XLSX) {
	t.Helper()
	r, err := validate.Scan(context.Background(), "subs.csv", strings.NewReader(text), options(), nil)
	require.NoError(t, err)
	var b bytes.Buffer
	x, err := report.NewXLSX(&b, r.Findings, func(m validate.Mend) string { return "migrate " + string(m) + " subs.csv" })
	require.NoError(t, err)
	rows(t, text, x.Row)
	require.NoError(t, x.Close(r))
	f, err := excelize.OpenReader(bytes.NewReader(b.Bytes()))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, f.Close()) })
	return f, b.Bytes(), x
}

func TestXLSX(t *testing.T) {
	f, book, _ := asWorkbook(t, broken)
	require.Equal(t, []string{"Subscriptions", "Findings about the file"}, f.GetSheetList())
	comments := map[string]string{}
	list, err := f.GetComments("Subscriptions")
	require.NoError(t, err)
	for _, c := range list {
		comments[c.Cell] = c.Text
	}
	require.Equal(t, "error date_not_unix: this is a written date (2027-02-01 00:00:00 UTC); Unix seconds were expected. Write the date in Unix seconds. "+
		"In a spreadsheet: =(A2-25569)*86400 for a date in A2 that is meant in UTC; format the column as a number without decimals. "+
		"write: 1801440000 mended by: migrate fix subs.csv", comments["B3"])
	require.Contains(t, comments["G1"], "error column_unknown: the format has no end date.", "the header is marked as well")
	for cell, filled := range map[string]string{"B3": "FFC7CE", "G1": "FFC7CE", "B5": "E4DFEC", "A2": "", "B2": ""} {
		id, err := f.GetCellStyle("Subscriptions", cell)
		require.NoError(t, err)
		style, err := f.GetStyle(id)
		require.NoError(t, err)
		require.Equal(t, 49, style.NumFmt, "%s is text", cell)
		require.Equal(t, filled, strings.Join(style.Fill.Color, ""), cell)
	}
	last, err := f.GetCellValue("Subscriptions", "H3")
	require.NoError(t, err)
	require.Contains(t, last, "write: 1801440000")
	head, err := f.GetCellValue("Subscriptions", "H1")
	require.NoError(t, err)
	require.Equal(t, "processing_error", head)
	formula, err := f.GetCellFormula("Subscriptions", "A4")
	require.NoError(t, err)
	require.Empty(t, formula, "nothing of the file is a formula")
	text, err := f.GetCellValue("Subscriptions", "A4")
	require.NoError(t, err)
	require.Equal(t, "=cmd|'/C calc'!A0", text)
	about, err := f.GetRows("Findings about the file")
	require.NoError(t, err)
	require.Equal(t, []string{"error", "column_unknown", "1", "cancel_at"}, about[1][:4])

	// Read again, it is the file that it came from.
	w, err := xlsx.Open(bytes.NewReader(book), xlsx.Options{})
	require.NoError(t, err)
	defer func() { require.NoError(t, w.Close()) }()
	var again []string
	for row, err := range w.Rows().All() {
		require.NoError(t, err)
		again = append(again, row.Source.Text(0)+"|"+row.Source.Text(1))
	}
	require.Equal(t, []string{"cus_Ada|1801440000", "cus_Bob|2027-02-01T00:00:00Z", "=cmd|'/C calc'!A0|1801440000", "cus_Cem|1798765200",
		"cus_Dee|1801440000", "cus_Ada|1801440000", "cus_Eve|1801440000", "cus_Fay|1801440000"}, again)
}

// Excel is slow with many comments: the marks are there for all.
func TestXLSXHasSoManyComments(t *testing.T) {
	var text strings.Builder
	text.WriteString("customer,start_date,price,metadata.zip\n")
	for i := range report.MaxComments + 10 {
		fmt.Fprintf(&text, "cus_%d,soon,price_A,00%d\n", i, i)
	}
	f, _, x := asWorkbook(t, text.String())
	list, err := f.GetComments("Subscriptions")
	require.NoError(t, err)
	require.Len(t, list, report.MaxComments)
	require.Equal(t, 10, x.Uncommented())
	row := fmt.Sprint(report.MaxComments + 11)
	id, err := f.GetCellStyle("Subscriptions", "B"+row)
	require.NoError(t, err)
	style, err := f.GetStyle(id)
	require.NoError(t, err)
	require.Equal(t, []string{"FFC7CE"}, style.Fill.Color)
	zip, err := f.GetCellValue("Subscriptions", "D"+row)
	require.NoError(t, err)
	require.Equal(t, fmt.Sprintf("00%d", report.MaxComments+9), zip, "no zero is lost")
}

func TestXLSXCannotHoldEverything(t *testing.T) {
	var b bytes.Buffer
	x, err := report.NewXLSX(&b, nil, nil)
	require.NoError(t, err)
	text := "customer,start_date,price,metadata.x\ncus_A,1801440000,price_A," + strings.Repeat("x", 40_000) + "\n"
	_, err = validate.Each(context.Background(), "x.csv", strings.NewReader(text), options(), func(row *csvspec.Row, found []validate.Finding) error { return x.Row(row, found) })
	require.ErrorContains(t, err, "line 2: cell 4 has more characters than a worksheet can hold")
	require.NoError(t, x.Discard())
}
