package migrate

import (
	"cmp"
	"context"
	"errors"
	"hash/maphash"
	"log/slog"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/pace"
)

// Config is what a Migrator is made of. Gateway and Ledger are required; every other zero value is a default that is
// good for a real account.
type Config struct {
	Gateway Gateway
	Ledger  ledger.Ledger
	Clock   Clock          // nil is the machine's clock
	Pacer   pace.Limiter   // shared by all who talk to one account; nil makes one of its own, which finds out the account's limit
	Workers int            // how many requests may be under way at once; 0 is DefaultWorkers
	Jitter  func() float64 // spreads retries, in [0, 1); nil is random
	Log     *slog.Logger   // nil logs nothing; what is logged names IDs, never keys or personal data
	Observe func(Progress) // told of every row that was dealt with, from many goroutines; nil is nobody

	// Customers keeps processes that share a ledger from changing what one customer has at the same time; nil is for one
	// process, whose workers deal with the rows of a customer one after the other.
	Customers CustomerLocker

	// APIBase is the server that the gateway talks to, "" for Stripe's own address. It is kept with each migration, so
	// that commands about it can be named in full.
	APIBase string

	// Asks is told before a review looks up what its file names how many requests that takes, about; nil is nobody.
	Asks func(requests int64)

	// Attempts is told of every try at a request, from many goroutines, so that somebody can be told what is waited for
	// while Stripe does not answer; nil is nobody.
	Attempts func(Attempt)

	// InFlightTimeout is how long Stripe may be executing a request whose sender has died. A cancel waits for it; 0 is
	// DefaultInFlightTimeout.
	InFlightTimeout time.Duration
}

// CustomerLocker gives one row of a customer at a time to one worker, over all processes. It keeps an order and nothing
// else: that nothing is created twice never rests on it.
type CustomerLocker interface {
	// LockCustomer waits until nobody else works on the customer of the account, or the context ends. release must be called.
	LockCustomer(ctx context.Context, account, customer string) (release func(), err error)
}

// Migrator migrates files into one Stripe account, and cancels migrations.
type Migrator struct {
	gateway         Gateway
	ledger          ledger.Ledger
	clock           Clock
	pacer           pace.Limiter
	customers       CustomerLocker
	workers         int
	jitter          func() float64
	log             *slog.Logger
	observe         func(Progress)
	watch           func(Attempt)
	tellEstimate    func(requests int64)
	apiBase         string
	inFlightTimeout time.Duration
	seed            maphash.Seed

	requests atomic.Int64 // how many have been begun
	reached  atomic.Bool  // something has answered
}

// DefaultWorkers is how many requests may be under way at once unless Config says otherwise: enough for 100 requests
// a second at half a second each.
const DefaultWorkers = 64

// DefaultInFlightTimeout is as long as stripe-go waits for an answer.
const DefaultInFlightTimeout = 80 * time.Second

// New returns a Migrator, or an error when the configuration lacks what cannot be done without.
func New(c Config) (*Migrator, error) {
	if c.Gateway == nil || c.Ledger == nil {
		return nil, errors.New("a migrator needs a gateway and a ledger")
	}
	m := &Migrator{
		gateway: c.Gateway, ledger: c.Ledger, clock: c.Clock, pacer: c.Pacer, customers: c.Customers, workers: c.Workers,
		jitter: c.Jitter, log: c.Log, observe: c.Observe, watch: c.Attempts, tellEstimate: c.Asks, apiBase: c.APIBase,
		inFlightTimeout: cmp.Or(c.InFlightTimeout, DefaultInFlightTimeout), seed: maphash.MakeSeed(),
	}
	if m.clock == nil {
		m.clock = SystemClock{}
	}
	if m.pacer == nil {
		m.pacer = pace.New(m.clock, 0)
	}
	if m.workers <= 0 {
		m.workers = DefaultWorkers
	}
	if m.jitter == nil {
		m.jitter = rand.Float64
	}
	if m.log == nil {
		m.log = slog.New(slog.DiscardHandler)
	}
	if m.observe == nil {
		m.observe = func(Progress) {}
	}
	if m.tellEstimate == nil {
		m.tellEstimate = func(int64) {}
	}
	if m.watch == nil {
		m.watch = func(Attempt) {}
	}
	return m, nil
}
