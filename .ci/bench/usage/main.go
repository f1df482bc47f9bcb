// Command usage measures how fast usage is sent to meters, next to a plain loop that sends one request after the other, in
// the same run on the same machine:
//
//	go run ./.ci/bench/usage
//	go run ./.ci/bench/usage stream    only this part; the other is called v1
//
// The sandbox in the same process limits events to 1,000 a second by the first version of the API, and to 10,000 by the
// stream, of which nobody tells the sender. The ledger is a SQLite file, synced before each request.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"runtime/pprof"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/subferry/subferry/.ci/bench/harness"
	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/gateway"
	"github.com/subferry/subferry/migrate/ledger/sqlite"
	"github.com/subferry/subferry/migrate/pace"
	"github.com/subferry/subferry/migrate/sandbox"
	"github.com/subferry/subferry/migrate/usage"
)

// customers is how many customers the events are spread over.
const customers = 500

func main() {
	log.SetFlags(0)
	length := flag.Duration("length", time.Minute, "of each part")
	profile := flag.String("cpuprofile", "", "write a CPU profile to this file")
	flag.Parse()
	if *profile != "" {
		f, err := os.Create(*profile)
		if err == nil {
			err = pprof.StartCPUProfile(f)
		}
		if err != nil {
			log.Fatal(err)
		}
		defer pprof.StopCPUProfile()
	}
	harness.Machine(os.Stdout)
	for _, p := range []part{
		{name: "v1", limit: 1_000, latency: 50 * time.Millisecond},
		{name: "stream", limit: 10_000, latency: 50 * time.Millisecond, stream: true},
	} {
		if flag.NArg() > 0 && !slices.Contains(flag.Args(), p.name) {
			continue
		}
		if err := p.measure(context.Background(), *length); err != nil {
			log.Fatal(err)
		}
	}
}

// part is one way to send.
type part struct {
	name    string
	limit   int
	latency time.Duration
	stream  bool
}

// bench is an account and what sends to it.
type bench struct {
	part
	stripe   *sandbox.Server
	api      *gateway.Gateway
	accepted *counter
}

// counter counts events by the second in which they were accepted, and 429s.
type counter struct {
	base    http.RoundTripper
	events  [3600]atomic.Int64
	refused atomic.Int64
	began   time.Time
}

// RoundTrip implements http.RoundTripper.
func (c *counter) RoundTrip(r *http.Request) (*http.Response, error) {
	n := int64(0)
	switch {
	case strings.HasSuffix(r.URL.Path, "/meter_events"):
		n = 1
	case strings.HasSuffix(r.URL.Path, "/meter_event_stream"):
		n = usage.BatchSize
	}
	res, err := c.base.RoundTrip(r)
	if err == nil && n > 0 {
		switch res.StatusCode {
		case http.StatusOK:
			c.events[int(time.Since(c.began)/time.Second)].Add(n)
		case http.StatusTooManyRequests:
			c.refused.Add(1)
		}
	}
	return res, err
}

// rate returns the events a second between two whole seconds.
func (c *counter) rate(from, to int) float64 {
	sum := int64(0)
	for i := from; i < to; i++ {
		sum += c.events[i].Load()
	}
	return float64(sum) / float64(to-from)
}

func (p part) open() (*bench, error) {
	b := &bench{part: p}
	var err error
	if b.stripe, err = sandbox.Open(sandbox.Options{Limits: sandbox.Limits{Events: p.limit, StreamEvents: p.limit}, Latency: p.latency, Stream: true}); err != nil {
		return nil, err
	}
	var ids []string
	for i := range customers {
		ids = append(ids, fmt.Sprintf("cus_%d", i))
	}
	if _, err := b.stripe.Provision(sandbox.Wanted{Customers: ids, Meters: []string{"calls"}}); err != nil {
		return nil, err
	}
	key, err := gateway.NewKey("sk_test_bench")
	if err != nil {
		return nil, err
	}
	b.accepted = &counter{base: b.stripe.Transport(), began: time.Now()}
	b.api, err = gateway.New(gateway.Config{Key: key, HTTP: b.accepted})
	return b, err
}

// measure lets the sender and then the plain loop send for a while.
func (p part) measure(ctx context.Context, length time.Duration) error {
	fmt.Printf("\n%s: limit %d events/s, unknown to the client, %v latency, %v\n", p.name, p.limit, p.latency, length)
	b, err := p.open()
	if err != nil {
		return err
	}
	sent, took, err := b.sender(ctx, length)
	if err != nil {
		return err
	}
	last := int(length / time.Second)
	best := b.accepted.rate(last/2, last-1)
	fmt.Printf("  sender     %8.0f events/s in the second half (%.1f %% of the limit), %d in %.1f s, %d answers 429\n",
		best, 100*best/float64(p.limit), sent, took.Seconds(), b.accepted.refused.Load())
	if err := b.complete(ctx, sent); err != nil {
		return err
	}
	if b, err = p.open(); err != nil {
		return err
	}
	loop := b.loop(ctx, length/4)
	fmt.Printf("  plain loop %8.0f events/s\n  ratio      %8.1f\n", loop, best/loop)
	return b.stripe.Close()
}

// sender sends a file that is longer than the time allows, until it is stopped.
func (b *bench) sender(ctx context.Context, length time.Duration) (int64, time.Duration, error) {
	dir, err := os.MkdirTemp("", "subferry-bench")
	if err != nil {
		return 0, 0, err
	}
	defer os.RemoveAll(dir)
	file, rows := filepath.Join(dir, "usage.csv"), int(float64(b.limit)*length.Seconds()*1.1)
	if err := os.WriteFile(file, []byte(text(rows)), 0o600); err != nil {
		return 0, 0, err
	}
	store, err := sqlite.Open(ctx, dir)
	if err != nil {
		return 0, 0, err
	}
	defer store.Close()
	migrator := func() *migrate.Migrator {
		m, err := migrate.New(migrate.Config{Gateway: b.api, Ledger: store, Pacer: pace.New(migrate.SystemClock{}, 0)})
		if err != nil {
			log.Fatal(err)
		}
		return m
	}
	runner := usage.New(usage.Config{
		Gateway: b.api, Ledger: store, Migrator: migrator(), Sender: migrator(), Account: migrate.Account{ID: b.stripe.Account()}, StreamAnywhere: true,
	})
	review, err := runner.Review(ctx, migrate.FileInput(file), usage.Options{Stream: b.stream})
	if err != nil {
		return 0, 0, err
	}
	stop := make(chan struct{})
	timer := time.AfterFunc(length, func() { close(stop) })
	defer timer.Stop()
	b.accepted.began = time.Now()
	s, err := runner.Run(ctx, review, usage.RunOptions{Stop: stop})
	if err != nil && !errors.Is(err, usage.ErrInterrupted) {
		return 0, 0, err
	}
	return s.Sent, time.Since(b.accepted.began), nil
}

// text is a file of usage of the last days.
func text(rows int) string {
	var b strings.Builder
	b.WriteString("identifier,timestamp,event_name,payload_stripe_customer_id,payload_value\n")
	now := time.Now().Unix()
	for i := range rows {
		fmt.Fprintf(&b, "use-%d,%d,calls,cus_%d,1\n", i, now-int64(i%86400), i%customers)
	}
	return b.String()
}

// complete makes sure that the meter has counted as many events as the ledger has sent.
func (b *bench) complete(ctx context.Context, sent int64) error {
	page, err := b.api.Meters(ctx, "")
	if err != nil {
		return err
	}
	sum, minute := new(big.Rat), csvspec.Timestamp(time.Now().Unix()/60*60)
	for i := range customers {
		sums, err := b.api.Summaries(ctx, usage.SummaryQuery{Meter: page.Meters[0].ID, Customer: fmt.Sprintf("cus_%d", i), Start: minute - 2*86400, End: minute + 120})
		if err != nil {
			return err
		}
		value, _ := new(big.Rat).SetString(sums.Summaries[0].Value)
		sum.Add(sum, value)
	}
	if sum.Cmp(big.NewRat(sent, 1)) != 0 {
		return fmt.Errorf("the meter has counted %s events, and the ledger has sent %d", sum.RatString(), sent)
	}
	return b.stripe.Close()
}

// loop sends one request after the other, as fast as it is answered, and repeats what is answered 429.
func (b *bench) loop(ctx context.Context, length time.Duration) float64 {
	began, n := time.Now(), 0
	session := usage.Session{}
	if b.stream {
		session, _ = b.api.StreamSession(ctx)
	}
	for time.Since(began) < length {
		size := 1
		if b.stream {
			size = usage.BatchSize
		}
		batch := make([]usage.Message, size)
		for i := range batch {
			batch[i] = usage.Message{Identifier: fmt.Sprintf("loop-%d", n+i), Meter: "calls", Timestamp: csvspec.Timestamp(time.Now().Unix()), Payload: []csvspec.KeyValue{
				{Key: "stripe_customer_id", Value: fmt.Sprintf("cus_%d", (n+i)%customers)}, {Key: "value", Value: "1"}}}
		}
		var err error
		if b.stream {
			_, err = b.api.StreamUsage(ctx, session, batch)
		} else {
			_, err = b.api.SendUsage(ctx, batch[0])
		}
		if err == nil {
			n += size
		}
	}
	return float64(n) / time.Since(began).Seconds()
}
