// Command validate times `migrate validate` with all rules against DuckDB, which counts the rows of the same file that
// violate six simple predicates, in alternating runs on the same machine:
//
//	go run ./.ci/bench/validate                   1,000,000 rows, seven pairs of runs
//	go run ./.ci/bench/validate -rows 2000000     twice the rows: twice the time, the same memory
//
// It needs Node.js with npm for DuckDB's own binding (@duckdb/node-api), which is installed in a temporary
// directory. DuckDB's time is that of its query alone, with two threads; ours is that of the whole process.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	rows := flag.Int("rows", 1_000_000, "rows of the file")
	runs := flag.Int("runs", 7, "pairs of runs")
	flag.Parse()
	if err := bench(*rows, *runs); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func bench(rows, runs int) error {
	dir, err := os.MkdirTemp("", "bench-validate-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "subs.csv")
	size, err := generate(file, rows)
	if err != nil {
		return err
	}
	fmt.Printf("%d rows of 18 columns, %d MB\n", rows, size/1_000_000)
	c, err := prepare(dir, file)
	if err != nil {
		return err
	}
	return c.compare(runs)
}

// generate writes a clean file: 18 columns and about 139 bytes a row, as people have them.
func generate(path string, rows int) (int64, error) {
	f, err := os.Create(path)
	if err != nil {
		return 0, err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	fmt.Fprintln(w, "customer,start_date,price,quantity,automatic_tax,default_tax_rate,coupon,currency,trial_end,"+
		"billing_cycle_anchor,proration_behavior,collection_method,days_until_due,backdate_start_date,"+
		"cancel_at_period_end,metadata.third_party_sub_id,metadata.source,metadata.plan")
	for i := range rows {
		method, days := "charge_automatically", ""
		if i%7 == 0 {
			method, days = "send_invoice", "30"
		}
		fmt.Fprintf(w, "cus_%014d,%d,price_%014d,%d,false,,,usd,,,none,%s,%s,,false,sub_%07d,external:zuora,professional\n",
			i, 1830297600+i%86400, i%50, i%9+1, method, days, i)
	}
	if err := w.Flush(); err != nil {
		return 0, err
	}
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), f.Close()
}
