package validate_test

import (
	"bytes"
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate"
)

// benchFile returns a file with rows of 18 columns and about 139 bytes, as people have them.
func benchFile(rows int) []byte {
	var b bytes.Buffer
	b.WriteString("customer,start_date,price,quantity,automatic_tax,default_tax_rate,coupon,currency,trial_end," +
		"billing_cycle_anchor,proration_behavior,collection_method,days_until_due,backdate_start_date," +
		"cancel_at_period_end,metadata.third_party_sub_id,metadata.source,metadata.plan\n")
	for i := range rows {
		method, days := "charge_automatically", ""
		if i%7 == 0 {
			method, days = "send_invoice", "30"
		}
		fmt.Fprintf(&b, "cus_%014d,%d,price_%014d,%d,false,,,usd,,,none,%s,%s,,false,sub_%07d,external:z,pro\n",
			i, 1830297600+i%86400, i%50, i%9+1, method, days, i)
	}
	return b.Bytes()
}

// BenchmarkScan validates a clean file: all rules, all rows.
func BenchmarkScan(b *testing.B) {
	const rows = 100_000
	file := benchFile(rows)
	b.SetBytes(int64(len(file)))
	b.ReportAllocs()
	for b.Loop() {
		report, err := validate.Scan(context.Background(), "b.csv", bytes.NewReader(file), validate.Options{Now: now}, nil)
		require.NoError(b, err)
		require.Equal(b, rows, report.Valid)
	}
	b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkRow puts a clean row through all rules.
func BenchmarkRow(b *testing.B) {
	r, err := csvspec.NewReader(bytes.NewReader(benchFile(1)), csvspec.ReadOptions{})
	require.NoError(b, err)
	var row csvspec.Row
	require.NoError(b, r.Read(&row))
	v := validate.New(validate.Options{Now: now})
	b.ReportAllocs()
	for b.Loop() {
		if found := v.Row(&row); len(found) > 0 {
			b.Fatal(found)
		}
	}
}
