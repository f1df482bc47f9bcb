package rehearse_test

import (
	"bytes"
	"context"
	"io"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/rehearse"
	"github.com/subferry/subferry/migrate/schedule"
	"github.com/subferry/subferry/validate"
)

// batchRows is how many rows a generated file has.
const batchRows = 1000

// TestForecastAndSandboxAgree rehearses generated files: what package forecast says of each row beforehand, and what the
// sandbox invoices as its clock advances, have to be the same to the minor unit and to the second. Neither calls the
// other's code. The files take turns with the modes of direct subscriptions. SUBFERRY_SOAK=1 makes it more than 100,000 rows.
func TestForecastAndSandboxAgree(t *testing.T) {
	t.Parallel()
	batches, rows := len(families)*len(templates), 120
	if os.Getenv("SUBFERRY_SOAK") != "" {
		batches, rows = 108, batchRows
	}
	var scheduled, compared, unknown, direct int64
	strategies := map[schedule.Strategy]int64{}
	for n := range batches {
		r := differences(t, n, rows)
		if rows == batchRows {
			t.Logf("batch %d of %d: %d rows, %d invoices", n+1, batches, r.Scheduled, r.Compared)
		}
		scheduled += r.Scheduled
		compared += r.Compared
		unknown += r.Unforecast
		for s, rows := range r.Review.Strategies {
			strategies[s] += rows
			if s.IsDirect() {
				direct += rows
			}
		}
		if n%2 != 0 { // without usage
			require.Zero(t, r.Unforecast, "batch %d: whatever a row sells, tiers and fractions of a unit included, is known beforehand", n)
		}
	}
	require.Greater(t, scheduled, int64(batches*rows)*9/10, "rows that were scheduled")
	require.Greater(t, compared, 2*scheduled, "invoices that were compared")
	require.Greater(t, direct, scheduled/5, "direct subscriptions")
	for _, s := range schedule.Strategies() {
		require.Greater(t, strategies[s], int64(batches), "enough rows of every strategy: %s", s)
	}
	t.Logf("%d rows, %d of them direct subscriptions, %d invoices compared, %d billed by usage: %v", scheduled, direct, compared, unknown, strategies)
}

func differences(t *testing.T, n, rows int) *rehearse.Rehearsal {
	mode := []schedule.Direct{schedule.Never, schedule.Exact, schedule.Needed}[(n+n/3+n/18)%3] // with every template and family
	one := generate(t, n, rows, mode)
	box, err := rehearse.Open(one.from)
	require.NoError(t, err)
	defer box.Close()
	require.NoError(t, box.Load(bytes.NewReader(one.account)))
	r, err := rehearse.Run(context.Background(), rehearse.Config{
		Sandbox: box,
		Input:   migrate.Input{Name: "generated.csv", Open: func() (io.ReadSeekCloser, error) { return file{bytes.NewReader(one.csv)}, nil }},
		Options: migrate.Options{Unit: csvspec.UnitMinor, Lead: validate.LiveLead, SkipInvalid: true, CheckCustomers: true, Direct: mode},
	})
	require.NoError(t, err)
	if len(r.Differences.Shown) > 0 {
		for _, d := range r.Differences.Shown[:min(5, len(r.Differences.Shown))] {
			t.Errorf("batch %d: %+v\n%s", n, d, bytes.Split(one.csv, []byte("\n"))[d.Row.Line-1])
		}
		t.Errorf("batch %d: %d rows differ: %v", n, r.Differences.Rows, r.Differences.Counts)
	}
	require.Empty(t, r.Failures.Counts[rehearse.RowRefused], "%+v", r.Failures.Shown)
	return r
}

// file is a file in memory.
type file struct{ *bytes.Reader }

func (file) Close() error { return nil }
