package plan_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

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
