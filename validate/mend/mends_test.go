package mend_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate"
	"github.com/subferry/subferry/validate/dates"
	"github.com/subferry/subferry/validate/mend"
)

func TestNumbersOfPandas(t *testing.T) {
	const head = "customer,start_date,quantity,days_until_due,adhoc_items.0.amount\n"
	for _, c := range []struct {
		unit          csvspec.Unit
		before, after string
	}{
		{csvspec.UnitUnstated, "a,1801440000.0,1.0,30.0,100.0", "a,1801440000,1,30,100"},
		{csvspec.UnitUnstated, `a,"1801440000,0","1,0","30,00","100,0"`, "a,1801440000,1,30,100"},
		{csvspec.UnitUnstated, "a,1801440000,-1.00,0.0,0.0", "a,1801440000,-1,0,0"},
		{csvspec.UnitUnstated, "a,1801440000.5,1.5,30.25,100.5", "a,1801440000.5,1.5,30.25,100.5"},
		{csvspec.UnitUnstated, "a,1801440000,1.000,1.x,100.00", "a,1801440000,1.000,1.x,100.00"}, // thousands; full units
		{csvspec.UnitUnstated, `a,1801440000,"2,000",2,"1,999.0"`, `a,1801440000,"2,000",2,"1,999.0"`},
		{csvspec.UnitMinor, "a,1801440000,1,30,100.00", "a,1801440000,1,30,100"},
		{csvspec.UnitMinor, "a,1801440000,1,30,100.50", "a,1801440000,1,30,100.50"},
		{csvspec.UnitMajor, "a,1801440000,1,30,100.0", "a,1801440000,1,30,100.0"},
	} {
		opts := mend.Options{Unit: c.unit}
		got, _ := fix(t, head+c.before+"\n", opts)
		require.Equal(t, head+c.after+"\n", got)
		again, more := fix(t, got, opts)
		require.Equal(t, got, again)
		require.Empty(t, more)
	}
}

func TestNamesThatAreMeant(t *testing.T) {
	for before, after := range map[string]string{
		"Customer ID,Start Date,Price ID": "customer,start_date,price",
		"customer,Customer ID,start_date": "customer,Customer ID,start_date", // which there is already
		"Customer ID,customer_id,price":   "Customer ID,customer_id,price",   // two that mean the same
		"customer,order_id (metadata)":    "customer,metadata.order_id",
		"customer,cancel_at,Amount":       "customer,cancel_at,Amount",
		"custmer,cupon,Customer Email":    "customer,coupon,Customer Email",
		"customer,items[0].price":         "customer,items.0.price",
	} {
		got, _ := fix(t, before+"\na, b ,c\n", mend.Options{})
		name, _, _ := strings.Cut(got, "\n")
		require.Equal(t, after, name)
		again, more := fix(t, got, mend.Options{})
		require.Equal(t, got, again)
		require.Empty(t, more, "what is mended stays mended, the cells below a mended name too")
	}
}

func TestWhatIsLeftAlone(t *testing.T) {
	text := "customer,start_date,trial_end,quantity,adhoc_items.0.amount,automatic_tax,wishes\n" +
		"a,2027-02-01,01/02/2027,two,21.50,yes,\nb,13/02/2027,45292,1,1999,TRUE,\nc,2027-03-28 02:30:00,soon,1,\"$5\",,\n"
	result := func(opts mend.Options) mend.Result {
		r, err := mend.File(context.Background(), strings.NewReader(text), io.Discard, opts, func(mend.Change) error { return nil })
		require.NoError(t, err)
		return r
	}
	want := mend.Result{Unzoned: 3, Ambiguous: 1, Dates: 2, Numbers: 1, Amounts: 2, Booleans: 1, Columns: 1}
	require.Equal(t, want, result(mend.Options{}))
	require.Len(t, want.Sentences(), 7)
	require.Equal(t, mend.Result{Skipped: 1, Disordered: 1, Dates: 2, Numbers: 1, Amounts: 2, Booleans: 1, Columns: 1},
		result(mend.Options{Zone: berlin(t), Order: dates.MonthFirst}))
	require.Equal(t, "1 date at a time that the clocks of the zone skip or show twice, or with parts of a second", mend.Result{Skipped: 1}.Sentences()[0])
	require.Empty(t, mend.Result{}.Sentences())
}

// A date cell of a workbook and a text date beside it mean the same, local midnight, and both wait for a zone.
func TestDateCellsOfWorkbooks(t *testing.T) {
	f := excelize.NewFile()
	require.NoError(t, f.SetSheetRow("Sheet1", "A1", &[]any{"Customer ID", "Start Date"}))
	require.NoError(t, f.SetSheetRow("Sheet1", "A2", &[]any{"cus_A", time.Date(2027, 2, 1, 0, 0, 0, 0, time.UTC)}))
	require.NoError(t, f.SetSheetRow("Sheet1", "A3", &[]any{"cus_B", "2027-02-01"}))
	require.NoError(t, f.SetSheetRow("Sheet1", "A4", &[]any{"cus_C", time.Date(2027, 3, 28, 2, 30, 0, 0, time.UTC)}))
	var b bytes.Buffer
	require.NoError(t, f.Write(&b))
	got, changes := fix(t, b.String(), mend.Options{Zone: berlin(t)})
	require.Equal(t, "customer,start_date\ncus_A,1801436400\ncus_B,1801436400\ncus_C,2027-03-28 02:30:00\n", got)
	require.Equal(t, mend.Change{Kind: mend.Date, Line: 2, Row: 1, Column: "Start Date", ColumnNumber: 2, Cell: "B2", Before: "2027-02-01", After: "1801436400"}, changes[2])
	got, _ = fix(t, b.String(), mend.Options{})
	require.Equal(t, "customer,start_date\ncus_A,2027-02-01\ncus_B,2027-02-01\ncus_C,2027-03-28 02:30:00\n", got)
}

func TestStripeExportIsNotMended(t *testing.T) {
	_, err := mended("id,Customer ID,Plan,Status,Current Period End (UTC)\n", mend.Options{})
	require.ErrorIs(t, err, mend.ErrStripeExport)
}

// TestFindingsSayTheTruth holds validate and fix together: what a finding says is mended by fix is mended by it.
func TestFindingsSayTheTruth(t *testing.T) {
	names := []string{"customer", "Customer ID", " price", "start_date", "trial_end", "quantity", "days_until_due", "currency", "automatic_tax",
		"add_invoice_items.0.amount", "add_invoice_items.0.currency", "metadata.x", "Start Date", "cupon", "remark", "Price (required)"}
	cells := []string{"", " ", "cus_A", " cus_A", "price_A", "1801440000", "1801440000.0", "1801440000000", "2027-02-01", "2027-02-01T00:00:00Z", "01/02/2027",
		"13/02/2027", "1.0", "2,0", "1.5", "1.000", "100.0", "100,0", "100.00", "usd", "USD", "TRUE", "null", "nan", "1801440000,0"}
	now := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		header := rapid.SliceOfNDistinct(rapid.SampledFrom(names), 2, 8, rapid.ID).Draw(t, "header")
		records := [][]string{header}
		for range rapid.IntRange(0, 3).Draw(t, "rows") {
			records = append(records, rapid.SliceOfN(rapid.SampledFrom(cells), len(header), len(header)).Draw(t, "row"))
		}
		var text bytes.Buffer
		w := csv.NewWriter(&text)
		w.Comma = rapid.SampledFrom([]rune{',', ';'}).Draw(t, "separator")
		_ = w.WriteAll(records) // a bytes.Buffer takes everything
		before, err := validate.File(context.Background(), "x.csv", bytes.NewReader(text.Bytes()), validate.Options{Now: now})
		require.NoError(t, err)
		zone, _ := time.LoadLocation("Europe/Berlin")
		for m, opts := range map[validate.Mend]mend.Options{validate.MendFix: {}, validate.MendFixDates: {Zone: zone}, validate.MendFixOrder: {Zone: zone, Order: dates.DayFirst}} {
			out, err := mended(text.String(), opts)
			require.NoError(t, err)
			after, err := validate.File(context.Background(), "x.csv", strings.NewReader(out), validate.Options{Now: now})
			require.NoError(t, err)
			for _, f := range after.Findings {
				require.NotEqual(t, m, f.Mend, "before: %s\nafter: %s\n%+v\nof %+v", text.String(), out, f, before.Findings)
			}
		}
	})
}
