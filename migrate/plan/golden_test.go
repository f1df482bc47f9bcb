package plan_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"gotest.tools/v3/golden"

	"github.com/subferry/subferry/migrate/plan"
	"github.com/subferry/subferry/migrate/schedule"
)

// TestGolden plans every strategy and every use case that the toolkit's guide documents. Each row's charges are derived
// by hand in package forecast's tests (cases_test.go); the sums are derived from the rows here:
//
// First charges in usd: 11 rows charge 19.99 (charge at start, trial, due for renewal, trial bridge, one period, both
// rows with a fee, invoice, past due, external tax, Stripe-to-Stripe), 219.89; the fee on a first invoice 49.00; two
// prices 2 × 19.99 = 39.98; the yearly one 12 × 199.00 = 2388.00; ad-hoc 3 × 21.50 = 64.50; sales tax 19.99 + 1.77 =
// 21.76; FRIEND 19.99 - 2.00 = 17.99; WELCOME and FIVE 19.99 - 5.00 = 14.99 each. Together 2831.10 in 18 charges, with
// discounts of 2.00 + 5.00 + 5.00 = 12.00. Beside them one with a tax not known, and one by usage. The fee in a trial is
// charged at its start.
//
// Renewals in usd: of the 11 rows all but the one that ends, twice, 20 × 19.99 = 399.80; WELCOME and FIVE, without
// discount now, 4 × 19.99 = 79.96; FRIEND 35.98, yearly 4776.00, ad-hoc 129.00, sales tax 43.52: 5464.26 in 32 charges.
//
// Monthly in usd: 14 rows of 19.99 (those 11 without the one that ends, Stripe Tax, sales tax, WELCOME, FIVE) and 17.99 of
// FRIEND are 297.85; 2388.00 a year are 199.00 a month; 64.50 a week are 64.50 × 365/84 = 280.27. In eur 11.90 without
// its tax of 1.90. What is billed by usage is not known.
func TestGolden(t *testing.T) {
	csv, err := os.ReadFile(filepath.Join("testdata", "usecases.csv"))
	require.NoError(t, err)
	w := newWorld(t, csv)
	var text, rows bytes.Buffer
	strategies := map[schedule.Strategy]bool{}
	p := w.plan(t, func(r *plan.Row) error {
		strategies[r.Strategy] = true
		_, err := fmt.Fprintln(&rows, r)
		return err
	})
	require.Len(t, strategies, len(schedule.Strategies()), "every strategy has a row")

	require.NoError(t, p.WriteText(&text))
	requireGolden(t, "rows.golden.txt", rows.Bytes())
	requireGolden(t, "plan.golden.txt", text.Bytes())
	var file bytes.Buffer
	require.NoError(t, p.Write(&file))
	requireGolden(t, "plan.golden.json", file.Bytes())

	again, err := plan.Read(&file)
	require.NoError(t, err)
	require.Equal(t, p, again, "a plan is read as it was written")
}

func requireGolden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if golden.FlagUpdate() {
		require.NoError(t, os.WriteFile(path, got, 0o600))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), string(got))
}
