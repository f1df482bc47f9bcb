package report

import (
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/rehearse"
	"github.com/subferry/subferry/validate"
)

var update = flag.Bool("update", false, "write the golden files instead of comparing with them")

func at(text string) csvspec.Timestamp {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err) // of a text in this file
	}
	return csvspec.At(t)
}

// sample is a rehearsal with something of everything.
func sample() *rehearse.Rehearsal {
	row := rehearse.Row{Number: 7, Line: 8, Customer: "cus_<b>", SourceID: "sub_old_7", Strategy: "trial-bridge"}
	amounts := func(total, discount int64) rehearse.Amounts {
		return rehearse.Amounts{At: at("2027-02-01T09:00:00Z"), Currency: "usd", Total: total, Discount: discount}
	}
	usd := rehearse.Sums{Charges: 1200, Amount: 1_234_567_89, Failed: 3, FailedAmount: 87_00, Sent: 40, SentAmount: 1_160_00}
	return &rehearse.Rehearsal{
		File: "subs.csv", SHA256: "9f86d081884c7d65", From: at("2027-01-15T09:00:00Z").Time(), Until: at("2027-03-28T12:00:00Z").Time(),
		Review:    &migrate.Review{Report: &validate.Report{Rows: 1210, Deferred: 5, Invalid: 2}},
		Scheduled: 1202, Refused: 1, Invoices: 1300,
		Days: []rehearse.Day{
			{Date: at("2027-01-31T00:00:00Z"), Currency: "usd", Sums: rehearse.Sums{Charges: 600, Amount: 617_283_94}},
			{Date: at("2027-02-01T00:00:00Z"), Currency: "jpy", Sums: rehearse.Sums{Charges: 1, Amount: 1_500_000}},
			{Date: at("2027-02-28T00:00:00Z"), Currency: "usd", Sums: rehearse.Sums{
				Charges: 600, Amount: 617_283_95, Failed: 3, FailedAmount: 87_00, Sent: 40, SentAmount: 1_160_00,
			}},
		},
		Totals:   []rehearse.Total{{Currency: "jpy", Sums: rehearse.Sums{Charges: 1, Amount: 1_500_000}}, {Currency: "usd", Sums: usd}},
		Compared: 1290, Unforecast: 10,
		Failures: rehearse.Failures{
			Counts: map[rehearse.FailureKind]int64{rehearse.RowRefused: 1, rehearse.PaymentFailed: 3},
			Shown: []rehearse.Failure{
				{Kind: rehearse.RowRefused, Row: row, Code: "resource_missing", Message: "No such customer: 'cus_<b>'"},
				{Kind: rehearse.PaymentFailed, Row: row, At: at("2027-02-28T09:00:00Z"), Money: csvspec.Money{Minor: 2900, Currency: "usd"}},
			},
		},
		Differences: rehearse.Differences{
			Rows: 1, Counts: map[rehearse.DifferenceKind]int64{rehearse.OtherAmount: 1, rehearse.NotMade: 1, rehearse.NotForecast: 1, rehearse.OtherDiscount: 1},
			Shown: []rehearse.Difference{
				{Kind: rehearse.OtherAmount, Row: row, Forecast: amounts(2900, 0), Made: amounts(2901, 0)},
				{Kind: rehearse.NotMade, Row: row, Forecast: amounts(2900, 0)},
				{Kind: rehearse.NotForecast, Row: row, Made: amounts(2900, 0)},
				{Kind: rehearse.OtherDiscount, Row: row, Forecast: amounts(2900, 1), Made: amounts(2900, 2)},
			},
		},
	}
}

func TestGolden(t *testing.T) {
	for name, write := range map[string]func(io.Writer, *rehearse.Rehearsal) error{"sample.txt": Text, "sample.json": JSON, "sample.html": HTML} {
		var b bytes.Buffer
		require.NoError(t, write(&b, sample()))
		path := filepath.Join("testdata", name)
		if *update {
			require.NoError(t, os.WriteFile(path, b.Bytes(), 0o600))
		}
		want, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, string(want), b.String(), name)
	}
}

// TestNothingHappened is a rehearsal without a charge: no chart, no division by nothing.
func TestNothingHappened(t *testing.T) {
	r := &rehearse.Rehearsal{File: "subs.csv", Review: &migrate.Review{Report: &validate.Report{}}}
	var text, page, data bytes.Buffer
	require.NoError(t, Text(&text, r))
	require.Contains(t, text.String(), "Nothing is charged until")
	require.NoError(t, HTML(&page, r))
	require.Contains(t, page.String(), "Nothing is charged")
	require.NoError(t, JSON(&data, r))
	require.NotContains(t, data.String(), ": null", "lists are never null")
}

// TestPageHasNoForeignContent looks for what a page for finance must not do: run scripts, load anything, or let a cell of
// the file become a tag.
func TestPageHasNoForeignContent(t *testing.T) {
	var page bytes.Buffer
	require.NoError(t, HTML(&page, sample()))
	for _, word := range []string{"<script", "http://", "https://", "src=", "@import", "<b>cus", "cus_<b>"} {
		require.NotContains(t, page.String(), word)
	}
	require.Contains(t, page.String(), "cus_&lt;b&gt;")
	require.Contains(t, page.String(), "default-src 'none'")
}

func TestMoney(t *testing.T) {
	for want, got := range map[string]string{
		"0.05 USD": money(5, "usd"), "1,234,567.89 USD": money(123456789, "usd"), "-1,000.00 EUR": money(-100000, "eur"),
		"1,500,000 JPY": money(1500000, "jpy"), "12.340 KWD": money(12340, "kwd"), "999.99 USD": money(99999, "usd"),
		"1,000": number(1000), "999": number(999), "-1,234": number(-1234), "1 charge": count(1, "charge"), "2,000 charges": count(2000, "charge"),
	} {
		require.Equal(t, want, got)
	}
}

// TestChart checks that a chart loses no money: the parts of the bars are as high as the amounts, day after day.
func TestChart(t *testing.T) {
	days := inCurrency(sample().Days, "usd")
	c := chartOf(days, "usd")
	require.Equal(t, "day", c.Unit)
	require.Len(t, c.Bars, 2)
	require.Len(t, c.Bars[1].Parts, 3)
	require.Contains(t, c.Bars[1].Title, "Sun 28 Feb 2027: 617,283.95 USD in 600 charges")
	require.Equal(t, []string{"paid", "sent", "failed"}, []string{c.Bars[1].Parts[0].Class, c.Bars[1].Parts[1].Class, c.Bars[1].Parts[2].Class})
	for _, b := range c.Bars {
		at := c.Base
		for _, part := range b.Parts {
			at -= part.Height
			require.Equal(t, at, part.Y, "the parts stand on each other")
			require.GreaterOrEqual(t, part.Y, 0)
			require.LessOrEqual(t, b.X+b.Width, c.Width)
		}
	}
	require.Equal(t, []string{"0", "200,000", "400,000", "600,000", "800,000"}, texts(c.Ticks))
}

func texts(ticks []tick) (list []string) {
	for _, one := range ticks {
		list = append(list, one.Text)
	}
	return list
}

// TestLongChart is one of weeks, and still has every charge.
func TestLongChart(t *testing.T) {
	var days []rehearse.Day
	for i := range 800 {
		days = append(days, rehearse.Day{Date: at("2027-01-01T00:00:00Z") + csvspec.Timestamp(i*day), Currency: "usd", Sums: rehearse.Sums{Charges: 1, Amount: 100}})
	}
	c := chartOf(days, "usd")
	require.Equal(t, "week", c.Unit)
	require.Len(t, c.Bars, 115) // 800 days are 114 weeks and two days
	require.Contains(t, c.Bars[0].Title, "Fri 1 Jan 2027 to Thu 7 Jan 2027: 7.00 USD in 7 charges")
	require.Len(t, months(days), 27) // January 2027 to March 2029
	var sum int64
	for _, m := range months(days) {
		sum += m.Amount
	}
	require.EqualValues(t, 80000, sum)
}

func TestTickStep(t *testing.T) {
	for top, want := range map[int64]int64{1: 1, 4: 1, 5: 2, 8: 2, 9: 5, 20: 5, 21: 10, 61728395: 20000000} {
		require.Equal(t, want, tickStep(top), top)
	}
}

// TestJSONIsOneObject reads back what a script would.
func TestJSONIsOneObject(t *testing.T) {
	var b strings.Builder
	require.NoError(t, JSON(&b, sample()))
	var got map[string]any
	require.NoError(t, json.Unmarshal([]byte(b.String()), &got))
	require.Equal(t, "2027-03-28T12:00:00Z", got["until"])
	require.Nil(t, got["differences"].([]any)[1].(map[string]any)["invoice"])
}
