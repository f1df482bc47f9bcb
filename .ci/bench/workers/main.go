// Command workers measures a file of a million rows in the hands of several workers: how near to the account's limit they
// come together, how much memory each of them takes, and how long the state of the migration takes to be told meanwhile.
//
//	DATABASE_URL=postgres://… go run ./.ci/bench/workers -rows 1000000 -limit 100 -workers 3
//
// Stripe is played by a server in this process, which refuses whatever is above the limit, and counts what it is asked to
// create: every row has to be there once. The workers are the real program. The database should be empty: its schema is
// left behind.
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
	"slices"
	"time"

	"github.com/subferry/subferry/.ci/bench/harness"
	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/ledger/postgres"
	"github.com/subferry/subferry/migrate/serve/jobs"
	"github.com/subferry/subferry/migrate/serve/store"
	"github.com/subferry/subferry/validate"
)

// bench is one measurement.
type bench struct {
	rows, workers int
	until         store.State // ends with it
	stripe        *limitedStripe
	dir           string
	store         *store.Store
	ledger        *postgres.Store
	engine        *jobs.Engine
	processes     []*exec.Cmd
	latencies     []time.Duration // of the state, asked every second
}

func main() {
	log.SetFlags(0)
	b := &bench{}
	flag.IntVar(&b.rows, "rows", 1_000_000, "rows of the file")
	flag.IntVar(&b.workers, "workers", 3, "worker processes")
	limit := flag.Int("limit", 100, "requests a second that the account allows")
	flag.StringVar((*string)(&b.until), "until", string(store.Scheduled), "end when the migration is in this state: reviewed leaves the run out")
	flag.Parse()
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt)
	defer cancel()
	b.stripe = newLimitedStripe(*limit)
	if err := b.measure(ctx); err != nil {
		log.Fatal(err)
	}
}

func (b *bench) measure(ctx context.Context) (err error) {
	database := os.Getenv("DATABASE_URL")
	if database == "" {
		return errors.New("DATABASE_URL is not set: name an empty Postgres database")
	}
	if b.dir, err = os.MkdirTemp("", "subferry-workers"); err != nil {
		return err
	}
	defer os.RemoveAll(b.dir)
	harness.Machine(os.Stdout)
	program, err := harness.Build(ctx, b.dir)
	if err != nil {
		return err
	}
	if b.store, err = store.Open(ctx, database); err != nil {
		return err
	}
	defer b.store.Close()
	if b.ledger, err = postgres.Open(ctx, database); err != nil {
		return err
	}
	defer b.ledger.Close()
	if b.engine, err = jobs.New(ctx, jobs.Config{Store: b.store, Ledger: b.ledger}); err != nil {
		return err
	}
	base, closeServer, err := b.stripe.serve()
	if err != nil {
		return err
	}
	defer closeServer()
	if err := b.start(ctx, program, base); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.stop()) }()
	return b.migrate(ctx)
}

// start starts the workers.
func (b *bench) start(ctx context.Context, program, base string) error {
	keys := filepath.Join(b.dir, "keys")
	if err := os.Mkdir(keys, 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(keys, accountID), []byte(harness.Key), 0o600); err != nil {
		return err
	}
	for range b.workers {
		cmd := exec.CommandContext(ctx, program, "worker", "--keys", keys, "--api-base", base)
		cmd.Stderr = os.Stderr
		if os.Getenv("VERBOSE") == "" {
			cmd.Stderr = nil
		}
		if err := cmd.Start(); err != nil {
			return err
		}
		b.processes = append(b.processes, cmd)
	}
	return nil
}

// stop ends the workers gracefully.
func (b *bench) stop() error {
	var failed []error
	for _, cmd := range b.processes {
		failed = append(failed, cmd.Process.Signal(os.Interrupt), cmd.Wait())
	}
	return errors.Join(failed...)
}

// migrate uploads a file, has it reviewed and run, and says what that cost.
func (b *bench) migrate(ctx context.Context) error {
	path := filepath.Join(b.dir, "subscriptions.csv")
	if err := harness.WriteFile(path, 0, b.rows, time.Now().Add(30*24*time.Hour)); err != nil {
		return err
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	began := time.Now()
	sha, size, err := b.store.PutBlob(ctx, f, 1<<30)
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	fmt.Printf("\n%d rows, %.1f MB, uploaded in %v\n", b.rows, float64(size)/1e6, time.Since(began).Round(time.Millisecond))
	m, err := b.store.CreateMove(ctx, store.Move{
		ID: store.NewID("mov"), Account: accountID, File: "subscriptions.csv", Upload: sha, State: store.Reviewing,
		Options: migrate.Options{Unit: csvspec.UnitMinor, Lead: validate.LiveLead},
	})
	if err != nil {
		return err
	}
	if err := b.await(ctx, m.ID, store.Reviewed); err != nil {
		return err
	}
	b.memory("review")
	if b.until == store.Reviewed {
		return nil
	}
	if _, err := b.store.UpdateMove(ctx, m.ID, func(m *store.Move) error { m.Begin(0); return nil }); err != nil {
		return err
	}
	if err := b.await(ctx, m.ID, store.Scheduled); err != nil {
		return err
	}
	b.memory("run")
	b.stripe.report(b.rows)
	fmt.Printf("  state                  %v, at most %v, asked %d times\n", harness.Median(b.latencies).Round(time.Microsecond),
		slices.Max(b.latencies).Round(time.Microsecond), len(b.latencies))
	return nil
}

// await waits until the migration is in a state, and asks for its progress every second.
func (b *bench) await(ctx context.Context, id string, state store.State) error {
	began := time.Now()
	if err := b.engine.Wake(ctx, id); err != nil {
		return err
	}
	for tick := time.NewTicker(time.Second); ; {
		asked := time.Now()
		m, err := b.store.Move(ctx, id)
		if err != nil {
			return err
		}
		if _, err := b.engine.Progress(ctx, m); err != nil {
			return err
		}
		b.latencies = append(b.latencies, time.Since(asked))
		switch m.State {
		case state:
			fmt.Printf("  %-22s %v\n", state, time.Since(began).Round(time.Millisecond))
			return nil
		case store.Failed, store.Invalid, store.Paused:
			return fmt.Errorf("it is %s: %s %s", m.State, m.Error, m.Review)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}
