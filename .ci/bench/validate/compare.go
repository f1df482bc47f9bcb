package main

import (
	"bytes"
	_ "embed" // the query
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

//go:embed duckdb.mjs
var duckdb []byte

// contest is what is compared.
type contest struct {
	dir, file, program string
}

// prepare builds the program and installs DuckDB.
func prepare(dir, file string) (*contest, error) {
	c := &contest{dir: dir, file: file, program: filepath.Join(dir, "migrate")}
	if err := os.WriteFile(filepath.Join(dir, "duckdb.mjs"), duckdb, 0o600); err != nil {
		return nil, err
	}
	for _, step := range [][]string{
		{"go", "build", "-o", c.program, "./cmd/migrate"},
		{"npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", dir, "@duckdb/node-api"},
	} {
		if out, err := exec.Command(step[0], step[1:]...).CombinedOutput(); err != nil {
			return nil, fmt.Errorf("%s: %w\n%s", strings.Join(step, " "), err, out)
		}
	}
	return c, nil
}

// measure is one run.
type measure struct {
	wall, cpu time.Duration
	memory    int64 // peak, in bytes; 0 when not known
}

// ours runs `migrate validate`.
func (c *contest) ours() (measure, error) {
	cmd := exec.Command(c.program, "validate", "--amount-unit", "minor", "--now", "2027-01-01T00:00:00Z", c.file)
	cmd.Env = append(os.Environ(), "HOME="+c.dir)
	begin := time.Now()
	out, err := cmd.CombinedOutput()
	m := measure{wall: time.Since(begin)}
	if err != nil {
		return m, fmt.Errorf("migrate validate: %w\n%s", err, out)
	}
	m.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	m.memory = peak(cmd.ProcessState)
	return m, nil
}

// theirs runs the query of duckdb.mjs, which prints its milliseconds, those of the processor, and the rows counted.
func (c *contest) theirs() (measure, error) {
	cmd := exec.Command("node", filepath.Join(c.dir, "duckdb.mjs"), c.file)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return measure{}, fmt.Errorf("duckdb: %w\n%s", err, errs.String())
	}
	var wall, cpu float64
	var bad int
	if _, err := fmt.Sscan(out.String(), &wall, &cpu, &bad); err != nil || bad != 0 {
		return measure{}, fmt.Errorf("duckdb: times and no bad rows were expected, not %q", out.String())
	}
	return measure{wall: time.Duration(wall * 1e6), cpu: time.Duration(cpu * 1e6), memory: peak(cmd.ProcessState)}, nil
}

// compare lets both run in turns and prints each pair and the median of their ratios.
func (c *contest) compare(runs int) error {
	if _, err := c.ours(); err != nil { // so that both find the file in memory
		return err
	}
	var ratios, busy []float64
	var most int64
	for i := range runs {
		a, err := c.ours()
		if err != nil {
			return err
		}
		b, err := c.theirs()
		if err != nil {
			return err
		}
		ratio := a.wall.Seconds() / b.wall.Seconds()
		ratios, most = append(ratios, ratio), max(most, a.memory)
		busy = append(busy, a.cpu.Seconds()/b.cpu.Seconds())
		fmt.Printf("run %d: migrate %.3f s (processor %.3f s, peak %d MB), DuckDB %.3f s (processor %.3f s, peak %d MB): ratio %.2f\n",
			i+1, a.wall.Seconds(), a.cpu.Seconds(), a.memory>>20, b.wall.Seconds(), b.cpu.Seconds(), b.memory>>20, ratio)
	}
	slices.Sort(ratios)
	slices.Sort(busy)
	fmt.Printf("median ratio of %d: %.2f (of processor time: %.2f); peak memory of migrate: %d MB\n",
		runs, ratios[len(ratios)/2], busy[len(busy)/2], most>>20)
	return nil
}
