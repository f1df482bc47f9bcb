package csvspec_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/subferry/subferry/csvspec"
)

// anyRow draws a row that a file can hold: what it says need not make sense, its text has no spaces around it.
func anyRow(t *rapid.T) csvspec.Row {
	number := rapid.Custom(func(t *rapid.T) csvspec.Int {
		if rapid.Bool().Draw(t, "blank") {
			return csvspec.Int{}
		}
		return csvspec.Of(rapid.Int64().Draw(t, "n"))
	})
	text := rapid.Custom(func(t *rapid.T) string {
		s := rapid.StringOf(rapid.OneOf(rapid.RuneFrom([]rune("a\",;\n\t '=é")), rapid.Rune())).Draw(t, "text")
		return strings.TrimSpace(strings.Map(printable, s))
	})
	moment := rapid.Map(rapid.Int64Range(-1<<40, 1<<40), func(n int64) csvspec.Timestamp { return csvspec.Timestamp(n) })
	row := csvspec.Row{
		Customer: text.Draw(t, "customer"), StartDate: moment.Draw(t, "start"), Price: text.Draw(t, "price"),
		Quantity: number.Draw(t, "quantity"), AutomaticTax: csvspec.Bool(rapid.Bool().Draw(t, "tax")),
		Coupon: text.Draw(t, "coupon"), Currency: text.Draw(t, "currency"), TrialEnd: moment.Draw(t, "trial"),
		DaysUntilDue: number.Draw(t, "days"), CancelAtPeriodEnd: csvspec.Bool(rapid.Bool().Draw(t, "cancel")),
	}
	currency := rapid.SampledFrom([]string{"usd", "jpy", "kwd"})
	for range rapid.IntRange(0, 7).Draw(t, "items") {
		row.Items = append(row.Items, csvspec.Item{Price: text.Draw(t, "price"), Quantity: number.Draw(t, "quantity")})
	}
	for range rapid.IntRange(0, 3).Draw(t, "ad-hoc items") {
		row.AdhocItems = append(row.AdhocItems, csvspec.AdhocItem{Amount: number.Draw(t, "amount"),
			Product: text.Draw(t, "product"), Currency: currency.Draw(t, "currency"), Quantity: number.Draw(t, "quantity")})
	}
	for range rapid.IntRange(0, 2).Draw(t, "invoice items") {
		row.AddInvoiceItems = append(row.AddInvoiceItems, csvspec.InvoiceItem{Amount: number.Draw(t, "amount"), Currency: "eur"})
	}
	for _, key := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"source", "Plan", "a b", "é"}), 0, 3, rapid.ID).Draw(t, "keys") {
		if value := text.Draw(t, "value"); value != "" {
			row.Metadata = append(row.Metadata, csvspec.KeyValue{Key: key, Value: value})
		}
	}
	for len(row.Items) > 0 && row.Items[len(row.Items)-1].IsBlank() {
		row.Items = row.Items[:len(row.Items)-1]
	}
	return row
}

// printable drops control characters, which are damage and not text, and line ends that encoding/csv changes.
func printable(r rune) rune {
	if r < ' ' && r != '\n' && r != '\t' || r == 0x7F {
		return -1
	}
	return r
}

func TestWriteReadWriteIsTheIdentity(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.SliceOfN(rapid.Custom(anyRow), 1, 5).Draw(t, "rows")
		template := rapid.SampledFrom(csvspec.Templates()).Draw(t, "template")
		var first, second bytes.Buffer
		require.NoError(t, csvspec.Write(&first, template, rows))

		read := readAll(t, first.String(), csvspec.ReadOptions{Unit: csvspec.UnitMinor})
		require.NoError(t, csvspec.Write(&second, template, read))
		require.Equal(t, first.String(), second.String())
	})
}

func TestReaderAndGocsvAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.SliceOfN(rapid.Custom(anyRow), 1, 5).Draw(t, "rows")
		var file bytes.Buffer
		require.NoError(t, csvspec.Write(&file, csvspec.Basic, rows))

		opts := csvspec.ReadOptions{Unit: csvspec.UnitMinor}
		same := restyled(t, file.String())
		strict, err := csvspec.Unmarshal(strings.NewReader(same), opts)
		require.NoError(t, err)
		require.Equal(t, comparable(strict), comparable(readAll(t, same, opts)))
	})
}

func TestReaderAndGocsvAgreeInMajorUnits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		currency := rapid.SampledFrom(csvspec.Currencies()).Draw(t, "currency")
		amount := csvspec.Money{Minor: rapid.Int64().Draw(t, "minor"), Currency: currency}
		file := "customer,adhoc_items.0.currency,adhoc_items.0.amount\ncus_A," + currency + "," + amount.Amount(csvspec.UnitMajor) + "\n"

		opts := csvspec.ReadOptions{Unit: csvspec.UnitMajor}
		strict, err := csvspec.Unmarshal(strings.NewReader(file), opts)
		require.NoError(t, err)
		require.Equal(t, amount, strict[0].AdhocItems[0].Money())
		require.Equal(t, comparable(strict), comparable(readAll(t, file, opts)))
	})
}

func TestSamplesAreReadAsTheyAreWritten(t *testing.T) {
	now := time.Date(2026, 1, 31, 23, 59, 59, 0, time.UTC)
	for _, template := range csvspec.Templates() {
		rows := csvspec.Sample(template, 60, now)
		var file bytes.Buffer
		require.NoError(t, csvspec.Write(&file, template, rows))
		read := readAll(t, file.String(), csvspec.ReadOptions{})
		require.Equal(t, comparable(rows), comparable(read))
		require.Equal(t, template, header(t, file.String()).Template())
		for _, row := range rows {
			require.GreaterOrEqual(t, row.StartDate.Time().Sub(now), 72*time.Hour)
			require.Zero(t, row.StartDate%3600)
		}
	}
}

func TestWriteLosesNothingInSilence(t *testing.T) {
	for name, row := range map[string]csvspec.Row{
		"too many items": {Items: append(make([]csvspec.Item, 20), csvspec.Item{Price: "price_A"})},
		"no key":         {Metadata: csvspec.Metadata{{Value: "x"}}},
		"spaces in key":  {Metadata: csvspec.Metadata{{Key: "plan ", Value: "x"}}},
		"unreadable":     anyRows(t, []byte("customer,start_date\ncus_A,soon\n"))[0],
		"key twice":      {Metadata: csvspec.Metadata{{Key: "a", Value: "x"}, {Key: "a", Value: "y"}}},
	} {
		var file bytes.Buffer
		require.ErrorContains(t, csvspec.Write(&file, csvspec.Basic, []csvspec.Row{row}), "row 1 cannot be written", name)
		require.Zero(t, file.Len(), name)
	}
	var file bytes.Buffer
	require.NoError(t, csvspec.Write(&file, csvspec.AdHoc, []csvspec.Row{{Price: "price_A"}}))
	require.Contains(t, file.String(), "price_A", "a column of another template is written when a row fills it")
}

type fatal interface {
	require.TestingT
	Helper()
}

// readAll reads a file that has nothing wrong.
func readAll(t fatal, file string, opts csvspec.ReadOptions) []csvspec.Row {
	t.Helper()
	r, err := csvspec.NewReader(strings.NewReader(file), opts)
	require.NoError(t, err)
	var rows []csvspec.Row
	for row, err := range r.All() {
		require.NoError(t, err)
		require.Empty(t, row.Source.Bad)
		require.Empty(t, row.Source.Faults)
		rows = append(rows, *row.Clone())
	}
	return rows
}

// comparable returns the rows without their sources, and without the difference between no items and none.
func comparable(rows []csvspec.Row) []csvspec.Row {
	all := make([]csvspec.Row, len(rows))
	for i := range rows {
		r := rows[i]
		r.Source = nil
		r.Items = append([]csvspec.Item{}, r.Items...)
		r.AdhocItems = append([]csvspec.AdhocItem{}, r.AdhocItems...)
		r.AddInvoiceItems = append([]csvspec.InvoiceItem{}, r.AddInvoiceItems...)
		r.Metadata = append(csvspec.Metadata{}, r.Metadata...)
		all[i] = r
	}
	return all
}
