package rehearse_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/rehearse"
	"github.com/subferry/subferry/validate"
)

// BenchmarkRehearsal rehearses a file of 1,000 monthly rows through three invoices each.
func BenchmarkRehearsal(b *testing.B) {
	const rows = 1000
	from := time.Date(2027, 1, 15, 9, 0, 0, 0, time.UTC)
	input, account := monthly(from, rows)
	for b.Loop() {
		box := boxWith(b, from, account)
		r, err := rehearse.Run(context.Background(), rehearse.Config{
			Sandbox: box, Input: input, Options: migrate.Options{Unit: csvspec.UnitMinor, Lead: validate.LiveLead},
		})
		require.NoError(b, err)
		require.EqualValues(b, 3*rows, r.Compared)
		require.NoError(b, box.Close())
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/rows, "µs/row")
}
