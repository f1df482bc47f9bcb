package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/client"

	"github.com/subferry/subferry/.ci/bench/harness"
	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/gateway"
	"github.com/subferry/subferry/migrate/ledger/sqlite"
	"github.com/subferry/subferry/migrate/sandbox"
	"github.com/subferry/subferry/validate"
)

// fakeStripe is a sandbox and a file to migrate into it.
type fakeStripe struct {
	dir, url, file string
	rows           int
	transport      http.RoundTripper
	stop           func() error
}

// start is when the subscriptions of the files begin.
func start() time.Time { return time.Now().Add(72 * time.Hour).Truncate(time.Second) }

// prepare writes what a fakeStripe needs. The customers of the plain loop come after those of the file.
func (b *bench) prepare(rows int) (s *fakeStripe, account string, err error) {
	dir, err := os.MkdirTemp(b.dir, "fake-stripe")
	if err != nil {
		return nil, "", err
	}
	s = &fakeStripe{dir: dir, file: filepath.Join(dir, "subscriptions.csv"), rows: rows}
	account = filepath.Join(dir, "account.json")
	return s, account, errors.Join(harness.WriteFile(s.file, 0, rows, start()), harness.WriteAccount(account, 2*rows))
}

// serve starts one in a process of its own.
func (b *bench) serve(ctx context.Context, rows int, args ...string) (*fakeStripe, error) {
	s, account, err := b.prepare(rows)
	if err != nil {
		return nil, err
	}
	s.transport = &http.Transport{MaxIdleConns: 256, MaxIdleConnsPerHost: 256}
	s.url, s.stop, err = harness.Serve(ctx, b.program, s.dir, account, args...)
	return s, err
}

// embed starts one in this process, with its state on the disk as a user's is.
func (b *bench) embed(rows int) (*fakeStripe, error) {
	s, account, err := b.prepare(rows)
	if err != nil {
		return nil, err
	}
	box, err := sandbox.Open(sandbox.Options{Dir: filepath.Join(s.dir, "sandbox")})
	if err != nil {
		return nil, err
	}
	s.transport, s.stop = box.Transport(), box.Close
	f, err := os.Open(account)
	if err != nil {
		return nil, err
	}
	return s, errors.Join(box.Load(f), f.Close())
}

// migrate runs the file for at most so long and returns what came of it; 0 runs it to the end.
func (s *fakeStripe) migrate(ctx context.Context, length time.Duration) (*tally, error) {
	store, err := sqlite.Open(ctx, filepath.Join(s.dir, "ledger"))
	if err != nil {
		return nil, err
	}
	key, err := gateway.NewKey(harness.Key)
	if err != nil {
		return nil, err
	}
	t := &tally{base: s.transport}
	api, err := gateway.New(gateway.Config{Key: key, BaseURL: s.url, HTTP: t})
	if err != nil {
		return nil, err
	}
	m, err := migrate.New(migrate.Config{Gateway: api, Ledger: store})
	if err != nil {
		return nil, err
	}
	review, err := m.Review(ctx, migrate.FileInput(s.file), migrate.Options{Unit: csvspec.UnitMinor, Lead: validate.LiveLead})
	if err != nil {
		return nil, err
	}
	stop := make(chan struct{})
	if length > 0 {
		time.AfterFunc(length, func() { close(stop) })
	}
	t.begin()
	summary, err := m.Run(ctx, review, migrate.RunOptions{Stop: stop})
	t.end()
	if errors.Is(err, migrate.ErrInterrupted) && length > 0 {
		err = nil
	}
	if err == nil && length == 0 && summary.Scheduled != int64(s.rows) {
		err = fmt.Errorf("%d of %d rows were scheduled", summary.Scheduled, s.rows)
	}
	return t, errors.Join(err, store.Close())
}

// loop is what one would write without this project: a schedule, its answer, the next one. It keeps no ledger.
func (s *fakeStripe) loop(ctx context.Context, length time.Duration) (*tally, error) {
	t := &tally{base: s.transport}
	url := cmp.Or(s.url, "http://127.0.0.1")
	config := &stripe.BackendConfig{
		URL: &url, HTTPClient: &http.Client{Transport: t},
		LeveledLogger: &stripe.LeveledLogger{Level: stripe.LevelNull},
	}
	api := client.New(harness.Key, &stripe.Backends{API: stripe.GetBackendWithConfig(stripe.APIBackend, config)})
	at := start().Unix()
	t.begin()
	defer t.end()
	for n := range s.rows {
		if length > 0 && time.Since(t.began) > length || ctx.Err() != nil {
			break
		}
		if _, err := api.SubscriptionSchedules.New(params(s.rows+n, at)); err != nil {
			return t, err
		}
	}
	return t, ctx.Err()
}

// params asks for the schedule that the runner would make of the row.
func params(n int, at int64) *stripe.SubscriptionScheduleParams {
	metadata := map[string]string{"third_party_sub_id": fmt.Sprintf("zuora-A-S%08d", n), "source": "external:zuora"}
	return &stripe.SubscriptionScheduleParams{
		Customer: stripe.String(harness.Customer(n)), StartDate: stripe.Int64(at), EndBehavior: stripe.String("release"),
		Metadata: metadata,
		Phases: []*stripe.SubscriptionSchedulePhaseParams{{
			Items:      []*stripe.SubscriptionSchedulePhaseItemParams{{Price: stripe.String("price_bench"), Quantity: stripe.Int64(1)}},
			Iterations: stripe.Int64(1), ProrationBehavior: stripe.String("none"),
			CollectionMethod: stripe.String("charge_automatically"), Metadata: metadata,
		}},
	}
}
