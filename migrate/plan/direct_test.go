package plan_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/forecast"
	"github.com/subferry/subferry/migrate/plan"
	"github.com/subferry/subferry/migrate/schedule"
)

// TestGoldenDirect plans a file with direct subscriptions, on 1 June 2030 at 9:00. All rows start on 10 June, and their
// anchor is 20 June: a part of 10 of the 30 days from 10 June to 10 July.
//
// Parts: 19.99 × 10/30 = 6.6633, which is 6.66. Three with sales tax: 59.97 × 10/30 = 19.99 and 8.875 % of it, 1.77. WELCOME
// takes 25 % off the part, 1.665 rounded to 1.67, and is used up. FIVE counts for a month from the creation: 1.66 and, on 20
// June, 14.99. Usage is first billed on the anchor. Whole periods follow on 20 June and 20 July: the renewals that a
// plan lists.
func TestGoldenDirect(t *testing.T) {
	csv, err := os.ReadFile(filepath.Join("testdata", "direct.csv"))
	require.NoError(t, err)
	w := newWorld(t, csv)
	w.options.Direct = schedule.Exact
	var text, rows bytes.Buffer
	strategies := map[schedule.Strategy]bool{}
	p := w.plan(t, func(r *plan.Row) error {
		strategies[r.Strategy] = true
		for _, c := range r.Charges {
			require.NotEqual(t, forecast.NotKnown == c.Basis(), c.Known())
		}
		_, err := fmt.Fprintln(&rows, r)
		return err
	})
	for _, s := range schedule.Strategies() {
		require.True(t, !s.IsDirect() || strategies[s], "every strategy of a direct subscription has a row: %s", s)
	}
	require.NoError(t, p.WriteText(&text))
	requireGolden(t, "direct_rows.golden.txt", rows.Bytes())
	requireGolden(t, "direct_plan.golden.txt", text.Bytes())

	var file bytes.Buffer
	require.NoError(t, p.Write(&file))
	require.Contains(t, file.String(), `"direct": "exact"`)
	read, err := plan.Read(&file)
	require.NoError(t, err)
	require.Equal(t, p, read, "a plan is read as it was written")

	w.clock.advance(3 * time.Hour)
	_, err = read.Apply(t.Context(), w, w.input, w.config())
	require.NoError(t, err, "what is created later is still what was planned")
}

// TestDebtsAreCalledDebts: what a direct subscription collects when it is created is what its customer owed before, and no
// invoice comes to it.
func TestDebtsAreCalledDebts(t *testing.T) {
	sum := func(total, due int64) plan.Sum { return plan.Sum{Charges: 2, Total: total, AmountDue: due} }
	for _, c := range []struct {
		opening plan.Sum
		want    string
	}{
		{sum(0, 5000), "old debts before the first charge  50.00 USD due in 2 charges: what customers owe from before"},
		{sum(4900, 5600), "one-off at start  56.00 USD due in 2 charges: invoices over 49.00 USD, and 7.00 USD that customers owe from before"},
		{sum(4900, 4000), "one-off at start  40.00 USD due in 2 charges: invoices over 49.00 USD, of which 9.00 USD are taken from the customers' credit or too little to be charged"},
		{sum(4900, 4900), "one-off at start  49.00 USD in 2 charges"},
	} {
		var text bytes.Buffer
		p := plan.Plan{Totals: []plan.Total{{Currency: "usd", Opening: c.opening}}}
		require.NoError(t, p.WriteText(&text))
		require.Contains(t, text.String(), "USD  "+c.want+"\n")
	}
}

// TestPartsAreSaidInDays: a part of a period is given in days of the whole one, to a tenth where it begins or ends within a day.
func TestPartsAreSaidInDays(t *testing.T) {
	charge := forecast.Charge{At: csvspec.At(time.Date(2030, 6, 10, 0, 0, 0, 0, time.UTC)), Kind: forecast.First, Currency: "usd", Total: 666, Due: 666}
	charge.Whole = charge.At + 30*86400
	for after, want := range map[csvspec.Timestamp]string{
		10 * 86400: "6.66 USD for 10 of 30 days (until 2030-06-20)", 86400/2 + 86400: "6.66 USD for 1.5 of 30 days (until 2030-06-11)",
	} {
		charge.Until = charge.At + after
		row := plan.Row{Charges: []forecast.Charge{charge}}
		require.Contains(t, row.String(), want)
	}
}
