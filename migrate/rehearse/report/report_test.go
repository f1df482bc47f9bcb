package report

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gotest.tools/v3/golden"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/forecast"
	"github.com/subferry/subferry/migrate/rehearse"
	"github.com/subferry/subferry/validate"
)

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
	usd := rehearse.Sums{Charges: 1200, Amount: 1_234_567_89, Invoiced: 1_234_596_89, Failed: 3, FailedAmount: 87_00, Sent: 40, SentAmount: 1_160_00, Assumed: 2, Unknown: 10}
	return &rehearse.Rehearsal{
		File: "subs.csv", SHA256: "9f86d081884c7d65", From: at("2027-01-15T09:00:00Z").Time(), Until: at("2027-03-28T12:00:00Z").Time(),
		Review:    &migrate.Review{Report: &validate.Report{Rows: 1210, Deferred: 5, Invalid: 2}},
		Scheduled: 1202, Direct: 12, Refused: 1, Invoices: 1300,
		Days: []rehearse.Day{
			{Date: at("2027-01-31T00:00:00Z"), Currency: "usd", Sums: rehearse.Sums{Charges: 600, Amount: 617_283_94, Invoiced: 617_312_94}},
			{Date: at("2027-02-01T00:00:00Z"), Currency: "jpy", Sums: rehearse.Sums{Charges: 1, Amount: 1_500_000, Invoiced: 1_500_000}},
			{Date: at("2027-02-28T00:00:00Z"), Currency: "usd", Sums: rehearse.Sums{
				Charges: 600, Amount: 617_283_95, Invoiced: 617_283_95, Failed: 3, FailedAmount: 87_00, Sent: 40, SentAmount: 1_160_00, Assumed: 2, Unknown: 10,
			}},
		},
		Totals:      []rehearse.Total{{Currency: "jpy", Sums: rehearse.Sums{Charges: 1, Amount: 1_500_000, Invoiced: 1_500_000}}, {Currency: "usd", Sums: usd}},
		Assumptions: map[forecast.Assumption]int64{forecast.BalanceByTime: 2}, Unknown: map[forecast.Reason]int64{forecast.AutomaticTax: 10},
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
	for name, write := range map[string]func(io.Writer, *rehearse.Rehearsal) error{"sample.txt": Text, "sample.json": JSON, "sample.html": samplePage} {
		var b bytes.Buffer
		require.NoError(t, write(&b, sample()))
		path := filepath.Join("testdata", name)
		if golden.FlagUpdate() {
			require.NoError(t, os.WriteFile(path, b.Bytes(), 0o600))
		}
		want, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, string(want), b.String(), name)
	}
}

// samplePage writes the page with two of its charges, for somebody in Tokyo.
func samplePage(w io.Writer, r *rehearse.Rehearsal) error {
	zone := time.FixedZone("Asia/Tokyo", 9*60*60)
	row := rehearse.Row{Number: 7, Line: 8, Customer: "cus_<b>", SourceID: "sub_old_7", Strategy: "trial-bridge"}
	assumed := &forecast.Charge{Assumptions: []forecast.Assumption{forecast.BalanceByTime}}
	unknown := &forecast.Charge{Unknown: []forecast.Reason{forecast.AutomaticTax}}
	return HTML(w, r, []Charge{
		{row, rehearse.Invoice{Created: at("2027-01-31T16:00:00Z"), Currency: "usd", Total: 2900, AmountDue: 0, Status: "paid", Forecast: assumed}},
		{row, rehearse.Invoice{Created: at("2027-02-28T16:00:00Z"), Currency: "usd", Total: 2900, AmountDue: 800, Status: "open", Attempted: true, Forecast: unknown}},
		{row, rehearse.Invoice{Created: at("2027-03-28T16:00:00Z"), Currency: "usd", Total: 2900, AmountDue: 2900, Status: "draft", Forecast: &forecast.Charge{}}},
		{row, rehearse.Invoice{Created: at("2027-03-28T16:00:00Z"), Currency: "usd", Total: 2900, AmountDue: 2900, Status: "draft"}},
	}, zone)
}

// TestNothingHappened is a rehearsal without a charge: no chart, no division by nothing.
func TestNothingHappened(t *testing.T) {
	r := &rehearse.Rehearsal{File: "subs.csv", Review: &migrate.Review{Report: &validate.Report{}}}
	var text, page, data bytes.Buffer
	require.NoError(t, Text(&text, r))
	require.Contains(t, text.String(), "Nothing is charged until")
	require.NoError(t, HTML(&page, r, nil, time.UTC))
	require.Contains(t, page.String(), "Nothing is charged")
	require.NoError(t, JSON(&data, r))
	require.NotContains(t, data.String(), ": null", "lists are never null")
}

// TestPageHasNoForeignContent looks for what a page for finance must not do: run scripts, load anything, or let a cell of
// the file become a tag.
func TestPageHasNoForeignContent(t *testing.T) {
	var page bytes.Buffer
	require.NoError(t, HTML(&page, sample(), nil, time.UTC))
	for _, word := range []string{"<script", "http://", "https://", "src=", "@import", "<b>cus", "cus_<b>"} {
		require.NotContains(t, page.String(), word)
	}
	require.Contains(t, page.String(), "cus_&lt;b&gt;")
	require.Contains(t, page.String(), "default-src 'none'")
}

// TestJSONIsOneObject reads back what a script would.
func TestJSONIsOneObject(t *testing.T) {
	var b strings.Builder
	require.NoError(t, JSON(&b, sample()))
	var got map[string]any
	require.NoError(t, json.Unmarshal([]byte(b.String()), &got))
	require.Equal(t, "unknown", got["basis"])
	require.Equal(t, map[string]any{"automatic_tax": 10.0}, got["unknown"])
	require.Equal(t, false, got["made_up_account"])
	require.Equal(t, "2027-03-28T12:00:00Z", got["until"])
	madeUp := sample()
	madeUp.MadeUp, madeUp.Unknown, madeUp.Assumptions = true, nil, map[forecast.Assumption]int64{forecast.MadeUpAccount: 6}
	b.Reset()
	require.NoError(t, JSON(&b, madeUp))
	require.Contains(t, b.String(), `"made_up_account": true`)
	require.Contains(t, b.String(), `"basis": "assumption"`)
	require.Contains(t, b.String(), `"made_up_account": 6`)
	b.Reset()
	require.NoError(t, Text(&b, madeUp))
	require.Contains(t, b.String(), "were made up, because no account was given")
	b.Reset()
	require.NoError(t, HTML(&b, madeUp, nil, time.UTC))
	require.Contains(t, b.String(), "were made up, because no account was given")
	require.Nil(t, got["differences"].([]any)[1].(map[string]any)["invoice"])
}
