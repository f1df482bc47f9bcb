// Command run measures how fast a migration is, next to a plain loop that creates one schedule after the other with
// stripe-go, in the same run on the same machine:
//
//	go run ./.ci/bench/run
//	go run ./.ci/bench/run unlimited   only this part; the others are called 25 and 100, after their limits
//
// It does so against "migrate sandbox serve" as a process of its own, with limits that the runner is not told of and
// 200 ms of latency, and without either; and against the sandbox in the same process.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"slices"
	"time"

	"github.com/subferry/subferry/.ci/bench/harness"
)

func main() {
	log.SetFlags(0)
	rows := flag.Int("rows", 20_000, "rows of the runs without a limit")
	rounds := flag.Int("rounds", 5, "how often runner and loop alternate without a limit")
	length := flag.Duration("length", time.Minute, "of a run with a limit")
	profile := flag.String("cpuprofile", "", "write a CPU profile of the runs in one process to this file, and do nothing else")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	dir, err := os.MkdirTemp("", "subferry-bench")
	if err != nil {
		log.Fatal(err)
	}
	b := &bench{dir: dir, rows: *rows, rounds: *rounds, length: *length}
	if b.program, err = harness.Build(ctx, dir); err == nil {
		err = b.all(ctx, *profile)
	}
	if err := errors.Join(err, os.RemoveAll(dir)); err != nil {
		log.Fatal(err)
	}
}

// bench is where the files of a benchmark are.
type bench struct {
	dir, program string
	rows, rounds int
	length       time.Duration
}

func (b *bench) all(ctx context.Context, profile string) error {
	if profile != "" {
		return b.profiled(ctx, profile)
	}
	harness.Machine(os.Stdout)
	for _, part := range []struct {
		name    string
		measure func(context.Context) error
	}{
		{"unlimited", b.unlimited},
		{"25", func(ctx context.Context) error { return b.limited(ctx, 25) }},
		{"100", func(ctx context.Context) error { return b.limited(ctx, 100) }},
	} {
		if flag.NArg() > 0 && !slices.Contains(flag.Args(), part.name) {
			continue
		}
		if err := part.measure(ctx); err != nil {
			return err
		}
	}
	return nil
}

// limited runs against a limit that nobody tells the runner.
func (b *bench) limited(ctx context.Context, limit int) error {
	fmt.Printf("\nlimit %d/s, unknown to the client, 200 ms latency, %v\n", limit, b.length)
	rows := int(float64(limit)*b.length.Seconds()*1.2) + 200
	stripe, err := b.serve(ctx, rows, "--rate", fmt.Sprint(limit), "--latency", "200ms")
	if err != nil {
		return err
	}
	runner, err := stripe.migrate(ctx, b.length)
	if err == nil {
		runner.print("runner", limit, b.length)
		var loop *tally
		if loop, err = stripe.loop(ctx, b.length/4); err == nil {
			loop.print("plain loop", limit, b.length/4)
			last := b.length / 3
			fmt.Printf("  ratio of rows/s, runner to plain loop: %.1f\n", runner.between(b.length-last, b.length)/loop.between(0, b.length/4))
		}
	}
	return errors.Join(err, stripe.stop())
}
