// Command scale measures what a file of a million rows costs: the runner's memory, the ledger's size, how long status
// takes and how long a resume needs to find its place.
//
//	go run ./.ci/bench/scale
//
// Stripe is played by a transport in the runner's process that answers at once, so that what is measured is the
// runner: its memory includes this one's. The first run is stopped after nine tenths of the rows; a second process
// goes on with it; status is the real program.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"time"

	"github.com/subferry/subferry/.ci/bench/harness"
)

func main() {
	log.SetFlags(0)
	rows := flag.Int("rows", 1_000_000, "rows of the file")
	worker := flag.String("worker", "", "run the file of this directory, as the benchmark asks its child processes to")
	stop := flag.Int("stop", 0, "stop the worker after so many rows")
	flag.Parse()
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt)
	defer cancel()
	var err error
	if *worker != "" {
		err = work(ctx, *worker, *stop)
	} else {
		err = measure(ctx, *rows)
	}
	if err != nil {
		log.Fatal(err)
	}
}

func measure(ctx context.Context, rows int) error {
	dir, err := os.MkdirTemp("", "subferry-scale")
	if err != nil {
		return err
	}
	return errors.Join(measureIn(ctx, dir, rows), os.RemoveAll(dir))
}

func measureIn(ctx context.Context, dir string, rows int) error {
	harness.Machine(os.Stdout)
	program, err := harness.Build(ctx, dir)
	if err != nil {
		return err
	}
	if err := harness.WriteFile(filepath.Join(dir, fileName), 0, rows, time.Now().Add(72*time.Hour)); err != nil {
		return err
	}
	for _, stop := range []int{rows / 10 * 9, 0} {
		if err := child(ctx, dir, stop); err != nil {
			return err
		}
		if err := status(ctx, program, dir); err != nil {
			return err
		}
	}
	return size(dir, rows)
}

// child runs the file in a process of its own.
func child(ctx context.Context, dir string, stop int) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, self, "-worker", dir, "-stop", fmt.Sprint(stop))
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return cmd.Run()
}

// status times the real program's status, start of the process included.
func status(ctx context.Context, program, dir string) error {
	id, err := os.ReadFile(filepath.Join(dir, idName))
	if err != nil {
		return err
	}
	var took []time.Duration
	for range 7 {
		began := time.Now()
		if out, err := exec.CommandContext(ctx, program, "status", string(id), "--state", dir).CombinedOutput(); err != nil {
			return fmt.Errorf("%w: %s", err, out)
		}
		took = append(took, time.Since(began))
	}
	fmt.Printf("  migrate status         %v, median of %v\n", harness.Median(took).Round(time.Millisecond), took)
	return nil
}

// size tells how large the ledger is, with what SQLite keeps beside it.
func size(dir string, rows int) error {
	files, err := filepath.Glob(filepath.Join(dir, "ledger.db*"))
	if err != nil || len(files) == 0 {
		return errors.Join(err, errors.New("the ledger was not found"))
	}
	total := int64(0)
	for _, name := range files {
		info, err := os.Stat(name)
		if err != nil {
			return err
		}
		total += info.Size()
	}
	fmt.Printf("\nledger %.0f MB, %.0f bytes a row\n", float64(total)/1e6, float64(total)/float64(rows))
	return nil
}
