package validate_test

import (
	"bytes"
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"github.com/subferry/subferry/validate"
)

// workbook returns a workbook whose dates are dates, with a mistake in C3.
func workbook(t *testing.T) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	require.NoError(t, f.SetSheetRow("Sheet1", "A1", &[]any{"customer", "start_date", "price"}))
	require.NoError(t, f.SetSheetRow("Sheet1", "A2", &[]any{"cus_Ada", time.Date(2027, 2, 1, 0, 0, 0, 0, time.UTC), "price_Pro"}))
	require.NoError(t, f.SetSheetRow("Sheet1", "A3", &[]any{"cus_Bob", 1801440000, "prod_Pro"}))
	var b bytes.Buffer
	require.NoError(t, f.Write(&b))
	return b.Bytes()
}

// TestWorkbook names cells as Excel does, and says how dates were read.
func TestWorkbook(t *testing.T) {
	report, err := validate.File(context.Background(), "subs.xlsx", bytes.NewReader(workbook(t)), minorUnits())
	require.NoError(t, err)
	require.Equal(t, 2, report.Rows)
	i := slices.IndexFunc(report.Findings, func(f validate.Finding) bool { return f.Code == "price_not_an_id" })
	require.GreaterOrEqual(t, i, 0, "%v", report.Findings)
	require.Equal(t, "C3", report.Findings[i].Cell)
	require.Equal(t, `subs.xlsx:C3: error: price "prod_Pro": a price ID was expected. This looks like a product ID.`, report.Findings[i].At("subs.xlsx"))
	require.Contains(t, codes(report.Findings), "file_sheet_dates")
}

func TestWorkbookSheetIsChosen(t *testing.T) {
	opts := minorUnits()
	opts.Sheet = "Missing"
	_, err := validate.File(context.Background(), "subs.xlsx", bytes.NewReader(workbook(t)), opts)
	require.ErrorContains(t, err, "Sheet1")
}
