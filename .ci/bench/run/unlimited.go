package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/pprof"

	"github.com/subferry/subferry/.ci/bench/harness"
)

// unlimited runs without limit and latency, the ledger on the disk and synced, runner and plain loop in turn.
func (b *bench) unlimited(ctx context.Context) error {
	for _, place := range []struct {
		name string
		open func() (*fakeStripe, error)
	}{
		{"sandbox in a process of its own", func() (*fakeStripe, error) { return b.serve(ctx, b.rows) }},
		{"sandbox in the same process", func() (*fakeStripe, error) { return b.embed(b.rows) }},
	} {
		fmt.Printf("\nno limit, no latency, %d rows, %s\n", b.rows, place.name)
		var runner, steady, loop, ratio, cpu []float64
		for range b.rounds {
			r, l, err := b.both(ctx, place.open)
			if err != nil {
				return err
			}
			runner, steady, loop = append(runner, r.perSecond()), append(steady, r.steady()), append(loop, l.perSecond())
			ratio, cpu = append(ratio, r.perSecond()/l.perSecond()), append(cpu, float64(r.cpu.Microseconds())/float64(max(1, len(r.made))))
		}
		fmt.Printf("  runner     %6.0f rows/s, median of %.0f, ledger synced, slow start included\n", harness.Median(runner), runner)
		fmt.Printf("             %6.0f rows/s after the first tenth, median of %.0f\n", harness.Median(steady), steady)
		fmt.Printf("             %6.0f µs of processor time a row in this process, median of %.0f\n", harness.Median(cpu), cpu)
		fmt.Printf("  plain loop %6.0f rows/s, median of %.0f; it keeps no ledger\n", harness.Median(loop), loop)
		fmt.Printf("  ratio      %6.2f, median\n", harness.Median(ratio))
	}
	return nil
}

// both runs the file and the plain loop on a fresh one.
func (b *bench) both(ctx context.Context, open func() (*fakeStripe, error)) (runner, loop *tally, err error) {
	s, err := open()
	if err != nil {
		return nil, nil, err
	}
	if runner, err = s.migrate(ctx, 0); err == nil {
		loop, err = s.loop(ctx, 0)
	}
	return runner, loop, errors.Join(err, s.stop(), os.RemoveAll(s.dir))
}

// profiled writes a CPU profile of one run.
func (b *bench) profiled(ctx context.Context, path string) error {
	s, err := b.embed(b.rows)
	if err != nil {
		return err
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return err
	}
	t, err := s.migrate(ctx, 0)
	pprof.StopCPUProfile()
	if err == nil {
		fmt.Printf("%.0f rows/s\n", t.perSecond())
	}
	return errors.Join(err, f.Close(), s.stop())
}
