package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/subferry/subferry/.ci/bench/harness"
	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/gateway"
	"github.com/subferry/subferry/migrate/ledger/sqlite"
	"github.com/subferry/subferry/validate"
)

// What the processes of the benchmark leave for each other in its directory.
const (
	fileName = "subscriptions.csv"
	idName   = "migration"
)

// work reviews and runs the file, or goes on with it, and says what that cost.
func work(ctx context.Context, dir string, stop int) error {
	store, err := sqlite.Open(ctx, dir)
	if err != nil {
		return err
	}
	api := &fakeStripe{after: int64(stop), enough: make(chan struct{})}
	err = errors.Join(run(ctx, dir, store, api), store.Close())
	fmt.Printf("  peak memory            %s\n", peak())
	return err
}

func run(ctx context.Context, dir string, store *sqlite.Store, api *fakeStripe) error {
	key, err := gateway.NewKey(harness.Key)
	if err != nil {
		return err
	}
	g, err := gateway.New(gateway.Config{Key: key, HTTP: api})
	if err != nil {
		return err
	}
	m, err := migrate.New(migrate.Config{Gateway: g, Ledger: store})
	if err != nil {
		return err
	}
	began := time.Now()
	options := migrate.Options{Unit: csvspec.UnitMinor, Lead: validate.LiveLead}
	review, err := m.Review(ctx, migrate.FileInput(filepath.Join(dir, fileName)), options)
	if err != nil {
		return err
	}
	fmt.Printf("\n%d rows, %d of them done before\n", review.Ready, done(ctx, store, review))
	fmt.Printf("  review                 %v\n", time.Since(began).Round(time.Millisecond))
	ran := time.Now()
	summary, err := m.Run(ctx, review, migrate.RunOptions{Stop: api.enough})
	if err != nil && !errors.Is(err, migrate.ErrInterrupted) {
		return err
	}
	fmt.Printf("  until the first row    %v\n", api.first.Sub(ran).Round(time.Millisecond))
	fmt.Printf("  run                    %.0f rows/s\n", float64(api.made.Load())/time.Since(ran).Seconds())
	return os.WriteFile(filepath.Join(dir, idName), []byte(summary.ID), 0o600)
}

// done counts what an earlier run has scheduled.
func done(ctx context.Context, store *sqlite.Store, r *migrate.Review) int64 {
	if len(r.Earlier) == 0 {
		return 0
	}
	settled, err := store.Settled(ctx, r.Earlier[0].ID)
	if err != nil {
		return -1
	}
	return settled.Len()
}

// peak is the most memory that this process ever held, as the system counts it.
func peak() string {
	f, err := os.Open("/proc/self/status")
	if err != nil {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return fmt.Sprintf("%d MB from the system, as Go counts it", m.Sys/1e6)
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if held, ok := strings.CutPrefix(lines.Text(), "VmHWM:"); ok {
			return strings.TrimSpace(held)
		}
	}
	return "unknown"
}
