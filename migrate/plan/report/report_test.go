package report_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gotest.tools/v3/golden"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/forecast"
	"github.com/subferry/subferry/migrate/plan"
	"github.com/subferry/subferry/migrate/plan/report"
	"github.com/subferry/subferry/migrate/schedule"
)

func at(text string) csvspec.Timestamp {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err) // of a text in this file
	}
	return csvspec.At(t)
}

// sample is a plan with a charge of each basis: one from the account, one with a balance, one by usage, and a row that is
// never charged.
func sample() (*plan.Plan, []plan.Row) {
	due := int64(30)
	charge := func(when string, kind forecast.Kind, total, balance int64, assumed ...forecast.Assumption) forecast.Charge {
		return forecast.Charge{At: at(when), Kind: kind, Currency: "usd", Items: total, Total: total, Balance: balance, Due: total + balance, Assumptions: assumed}
	}
	rows := []plan.Row{
		{Row: 1, Line: 2, Customer: "cus_ada", SourceID: "=sub_1", Strategy: "charge-at-start", CollectionMethod: "send_invoice", DaysUntilDue: &due, Charges: []forecast.Charge{
			charge("2027-01-31T23:30:00Z", forecast.First, 123456, 0, forecast.MadeUpAccount), charge("2027-02-28T23:30:00Z", forecast.Renewal, 123456, -3456, forecast.BalanceByTime),
		}},
		{Row: 2, Line: 3, Customer: "cus_<b>", Strategy: "trial", CollectionMethod: "charge_automatically", Charges: []forecast.Charge{
			{At: at("2027-01-05T00:00:00Z"), Kind: forecast.Opening, Currency: "usd"},
			{At: at("2027-02-05T00:00:00Z"), Kind: forecast.First, Currency: "usd", Unknown: []forecast.Reason{forecast.MeteredUsage}},
		}},
		{Row: 3, Line: 4, Customer: "cus_bob", Strategy: "free-until-anchor", CollectionMethod: "charge_automatically"},
	}
	all := plan.Sum{Charges: 2, Total: 246912, AmountDue: 243456, Assumed: 2, Unknown: 1}
	return &plan.Plan{
		Created: at("2027-01-01T09:00:00Z").Time(), Input: plan.Input{Name: "subs.csv", SHA256: "9f86d081"}, Account: migrate.Account{ID: "acct_1"},
		Options: plan.Options{Renewals: 1, MadeUp: true}, Rows: plan.Rows{Total: 4, Planned: 3, Invalid: 1, Customers: 4},
		Strategies: map[schedule.Strategy]int64{schedule.ChargeAtStart: 1, schedule.Trial: 1, schedule.FreeUntilAnchor: 1},
		Totals:     []plan.Total{{Currency: "usd", All: all}},
		Days: []plan.Day{
			{Date: "2027-01-31", Currency: "usd", Sum: plan.Sum{Charges: 1, Total: 123456, AmountDue: 123456, Assumed: 1}},
			{Date: "2027-02-05", Currency: "usd", Sum: plan.Sum{Unknown: 1}},
			{Date: "2027-02-28", Currency: "usd", Sum: plan.Sum{Charges: 1, Total: 123456, AmountDue: 120000, Assumed: 1}},
		},
		Recurring:   []plan.Recurring{{Currency: "usd", Monthly: 123456, Subscriptions: 1, Unknown: 1}},
		Assumptions: map[forecast.Assumption]int64{forecast.MadeUpAccount: 1, forecast.BalanceByTime: 1}, Unknown: map[forecast.Reason]int64{forecast.MeteredUsage: 1},
		Digest: "2c26b46b",
	}, rows
}

// writer is what CSV and HTML have in common.
type writer interface {
	Row(*plan.Row) error
	End(*plan.Plan) error
}

func written(t *testing.T, open func(io.Writer) (writer, error)) string {
	t.Helper()
	var b bytes.Buffer
	w, err := open(&b)
	require.NoError(t, err)
	p, rows := sample()
	for i := range rows {
		require.NoError(t, w.Row(&rows[i]))
	}
	require.NoError(t, w.End(p))
	return b.String()
}

func TestGolden(t *testing.T) {
	tokyo := time.FixedZone("Asia/Tokyo", 9*60*60)
	for name, open := range map[string]func(io.Writer) (writer, error){
		"plan.golden.csv":  func(w io.Writer) (writer, error) { return report.NewCSV(w, tokyo) },
		"plan.golden.html": func(w io.Writer) (writer, error) { return report.NewHTML(w, tokyo), nil },
	} {
		got := written(t, open)
		path := filepath.Join("testdata", name)
		if golden.FlagUpdate() {
			require.NoError(t, os.WriteFile(path, []byte(got), 0o600))
		}
		want, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, string(want), got, name)
	}
}

// A page for finance runs no script, loads nothing, and no cell of the file becomes a tag.
func TestPageHasNoForeignContent(t *testing.T) {
	page := written(t, func(w io.Writer) (writer, error) { return report.NewHTML(w, time.UTC), nil })
	for _, word := range []string{"<script", "http://", "https://", "src=", "@import", "cus_<b>"} {
		require.NotContains(t, page, word)
	}
	require.Contains(t, page, "cus_&lt;b&gt;")
	require.Contains(t, page, "were made up")
}
