// Command validate times `migrate validate` with all rules against DuckDB, which counts the rows of the same file that
// violate six simple predicates, in alternating runs on the same machine:
//
//	go run ./.ci/bench/validate                      four kinds of file of 1,000,000 rows, seven rounds each
//	go run ./.ci/bench/validate -files clean,mixed   two of them
//	go run ./.ci/bench/validate -rows 2000000        twice the rows: twice the time, the same memory
//	go run ./.ci/bench/validate -base ./old          another build of migrate in the same rounds
//
// The kinds of file are clean, warnings (in a quarter of the rows), errors (in half of the rows) and mixed (eight kinds
// of row in random order). The output of migrate is text, or what -output says.
//
// It needs Node.js with npm for DuckDB's own binding (@duckdb/node-api), which is installed in a temporary
// directory unless -duckdb names a directory that has it. DuckDB's time is that of its query alone, with two threads;
// ours is that of the whole process.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	var o options
	flag.IntVar(&o.rows, "rows", 1_000_000, "rows of a file")
	flag.IntVar(&o.runs, "runs", 7, "rounds")
	flag.StringVar(&o.files, "files", "clean,warnings,errors,mixed", "kinds of file")
	flag.StringVar(&o.output, "output", "text", "what migrate validate writes")
	flag.StringVar(&o.base, "base", "", "another build of migrate, compared in the same rounds")
	flag.StringVar(&o.duckdb, "duckdb", "", "directory in which @duckdb/node-api is installed")
	flag.Parse()
	if err := bench(o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// options are what the flags say.
type options struct {
	rows, runs                  int
	files, output, base, duckdb string
}

func bench(o options) error {
	kinds, err := chosen(o.files)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "bench-validate-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	c, err := prepare(dir, o)
	if err != nil {
		return err
	}
	for _, kind := range kinds {
		c.file = filepath.Join(dir, kind.name+".csv")
		size, err := generate(c.file, kind, o.rows)
		if err != nil {
			return err
		}
		fmt.Printf("%s: %d rows of 18 columns, %d MB: %s\n", kind.name, o.rows, size/1_000_000, kind.what)
		if err := c.compare(o.runs); err != nil {
			return err
		}
		if err := os.Remove(c.file); err != nil {
			return err
		}
	}
	return nil
}
