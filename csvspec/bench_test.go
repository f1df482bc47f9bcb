package csvspec_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/subferry/subferry/csvspec"
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
		fmt.Fprintf(&b, "cus_%014d,%d,price_%014d,%d,false,,,usd,,,none,%s,%s,%d,false,sub_%07d,external:z,pro\n",
			i*7919%1e9, 1893456000+i%86400, i%50, i%9+1, method, days, 1735689600+i%86400, i)
	}
	return b.Bytes()
}

// BenchmarkRead reads the same file with this package, and with those one would use instead.
func BenchmarkRead(b *testing.B) {
	const rows = 400_000
	file := benchFile(rows)
	for _, bench := range []struct {
		name string
		read func([]byte) (int, error)
	}{
		{"csvspec.Reader", readRows},
		{"csvspec.EachBlock", readBlocks},
		{"encoding-csv", readRecords},
		{"gocsv", readGocsv},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.SetBytes(int64(len(file)))
			b.ReportAllocs()
			for b.Loop() {
				if n, err := bench.read(file); err != nil || n != rows {
					b.Fatalf("%d rows, %v", n, err)
				}
			}
			b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

// BenchmarkReadQuoted reads a file in which every cell is quoted, as some programs write them.
func BenchmarkReadQuoted(b *testing.B) {
	const rows = 100_000
	var file bytes.Buffer
	for line := range bytes.Lines(benchFile(rows)) {
		file.WriteString(`"` + strings.ReplaceAll(strings.TrimSpace(string(line)), ",", `","`) + "\"\n")
	}
	for _, bench := range []struct {
		name string
		read func([]byte) (int, error)
	}{
		{"csvspec.Reader", readRows},
		{"csvspec.EachBlock", readBlocks},
		{"encoding-csv", readRecords},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.SetBytes(int64(file.Len()))
			for b.Loop() {
				if n, err := bench.read(file.Bytes()); err != nil || n != rows {
					b.Fatalf("%d rows, %v", n, err)
				}
			}
			b.ReportMetric(rows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

func readRows(file []byte) (int, error) {
	r, err := csvspec.NewReader(bytes.NewReader(file), csvspec.ReadOptions{Unit: csvspec.UnitMinor})
	if err != nil {
		return 0, err
	}
	n := 0
	for row, err := range r.All() {
		if err != nil || row.Customer == "" {
			return n, err
		}
		n++
	}
	return n, nil
}

func readBlocks(file []byte) (int, error) {
	r, err := csvspec.NewReader(bytes.NewReader(file), csvspec.ReadOptions{Unit: csvspec.UnitMinor})
	if err != nil {
		return 0, err
	}
	n := 0
	count := func(b *csvspec.Block) int {
		rows := 0
		for range b.Rows() {
			rows++
		}
		return rows
	}
	err = csvspec.EachBlock(context.Background(), r, 2, func() func(*csvspec.Block) int { return count },
		func(rows int) error { n += rows; return nil })
	return n, err
}

// readRecords does less: it finds the cells and reads none of them.
func readRecords(file []byte) (int, error) {
	r := csv.NewReader(bytes.NewReader(file))
	r.ReuseRecord = true
	for n := -1; ; n++ {
		if _, err := r.Read(); errors.Is(err, io.EOF) {
			return n, nil
		} else if err != nil {
			return n, err
		}
	}
}

func readGocsv(file []byte) (int, error) {
	rows, err := csvspec.Unmarshal(strings.NewReader(string(file)), csvspec.ReadOptions{Unit: csvspec.UnitMinor})
	return len(rows), err
}
