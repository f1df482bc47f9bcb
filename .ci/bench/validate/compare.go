package main

import (
	"bytes"
	_ "embed" // the query
	"errors"
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

// comparison is what is compared: builds of migrate, and DuckDB, on a file.
type comparison struct {
	dir, file, duckdb, output string
	programs                  []string // builds of migrate, the one of this tree first
}

// prepare builds the program and installs DuckDB.
func prepare(dir string, o options) (*comparison, error) {
	program := filepath.Join(dir, "migrate")
	c := &comparison{dir: dir, duckdb: o.duckdb, output: o.output, programs: []string{program}}
	if o.base != "" {
		c.programs = append(c.programs, o.base)
	}
	steps := [][]string{{"go", "build", "-o", program, "./cmd/migrate"}}
	if c.duckdb == "" {
		c.duckdb = dir
		steps = append(steps, []string{"npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", dir, "@duckdb/node-api"})
	}
	for _, step := range steps {
		if out, err := exec.Command(step[0], step[1:]...).CombinedOutput(); err != nil {
			return nil, fmt.Errorf("%s: %w\n%s", strings.Join(step, " "), err, out)
		}
	}
	return c, os.WriteFile(filepath.Join(c.duckdb, "duckdb.mjs"), duckdb, 0o600)
}

// measure is one run.
type measure struct {
	wall, cpu time.Duration
	memory    int64 // peak, in bytes; 0 when not known
}

// ours runs `migrate validate`, which ends with 3 when it has found errors.
func (c *comparison) ours(program string) (measure, error) {
	cmd := exec.Command(program, "validate", "--amount-unit", "minor", "--now", "2027-01-01T00:00:00Z", "-o", c.output, c.file)
	cmd.Env = append(os.Environ(), "HOME="+c.dir)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	begin := time.Now()
	err := cmd.Run()
	m := measure{wall: time.Since(begin)}
	const mustBeMended = 3
	if exit := (*exec.ExitError)(nil); err != nil && !(errors.As(err, &exit) && exit.ExitCode() == mustBeMended) {
		return m, fmt.Errorf("migrate validate: %w\n%s", err, errs.String())
	}
	m.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	m.memory = peak(cmd.ProcessState)
	return m, nil
}

// theirs runs the query of duckdb.mjs, which prints its milliseconds, those of the processor, and the rows counted.
func (c *comparison) theirs() (measure, error) {
	cmd := exec.Command("node", filepath.Join(c.duckdb, "duckdb.mjs"), c.file)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return measure{}, fmt.Errorf("duckdb: %w\n%s", err, errs.String())
	}
	var wall, cpu float64
	var bad int
	if _, err := fmt.Sscan(out.String(), &wall, &cpu, &bad); err != nil {
		return measure{}, fmt.Errorf("duckdb: times and a number of rows were expected, not %q", out.String())
	}
	return measure{wall: time.Duration(wall * 1e6), cpu: time.Duration(cpu * 1e6), memory: peak(cmd.ProcessState)}, nil
}

// ratios are the results of the rounds of one program.
type ratios struct {
	wall, cpu []float64 // its time divided by DuckDB's, round by round
	seconds   []float64
	memory    int64 // the highest peak
}

// compare lets all run in turns and prints each round, and the medians of the ratios.
func (c *comparison) compare(runs int) error {
	if _, err := c.ours(c.programs[0]); err != nil { // so that all find the file in memory
		return err
	}
	results := make([]ratios, len(c.programs))
	for i := range runs {
		duck, err := c.theirs()
		if err != nil {
			return err
		}
		fmt.Printf("  round %d: DuckDB %s", i+1, duck)
		for j, program := range c.programs {
			m, err := c.ours(program)
			if err != nil {
				return err
			}
			s := &results[j]
			s.wall = append(s.wall, m.wall.Seconds()/duck.wall.Seconds())
			s.cpu = append(s.cpu, m.cpu.Seconds()/duck.cpu.Seconds())
			s.seconds = append(s.seconds, m.wall.Seconds())
			s.memory = max(s.memory, m.memory)
			fmt.Printf("; %s %s", filepath.Base(program), m)
		}
		fmt.Println()
	}
	for j, s := range results {
		fmt.Printf("  %s: median ratio of %d: %.2f (of processor time: %.2f); median %.3f s; peak memory %d MB\n",
			filepath.Base(c.programs[j]), runs, median(s.wall), median(s.cpu), median(s.seconds), s.memory>>20)
	}
	return nil
}

// String returns the seconds and megabytes of a run.
func (m measure) String() string {
	return fmt.Sprintf("%.3f s (processor %.3f s, %d MB)", m.wall.Seconds(), m.cpu.Seconds(), m.memory>>20)
}

func median(list []float64) float64 {
	list = slices.Clone(list)
	slices.Sort(list)
	return list[len(list)/2]
}
