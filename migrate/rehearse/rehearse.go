package rehearse

import (
	"cmp"
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/forecast"
	"github.com/subferry/subferry/migrate/gateway"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/pace"
	"github.com/subferry/subferry/migrate/sandbox"
)

// Config is what a rehearsal is made of. Sandbox and Input are required.
type Config struct {
	Sandbox *sandbox.Server // made by Open, with the account that the file is meant for
	Input   migrate.Input
	Options migrate.Options    // its zero value is the strictest
	Until   time.Time          // how far to advance the clock; zero is until every subscription has renewed twice
	Observe func(Progress)     // told how far it has come, one call at a time; nil is nobody
	MadeUp  bool               // the sandbox's prices, coupons and tax rates were made up
	Each    func(Row, Invoice) // shown every invoice with its row, in the order of the file; nil is nobody

	customersPerPart int // 0 is the constant of this name; tests divide small files
}

// Progress is how far a rehearsal has come.
type Progress struct {
	Stage       Stage
	Done, Total int64
}

// Stage is a part of a rehearsal.
type Stage string

// The stages, in their order.
const (
	Scheduling Stage = "scheduling" // counted in rows
	Billing    Stage = "billing"    // counted in days of the sandbox's clock
	Comparing  Stage = "comparing"  // counted in rows
)

// ErrNothingLater is returned when the end of the rehearsal is not after its beginning.
var ErrNothingLater = errors.New("the rehearsal has to end after it begins")

// Run migrates the file into the sandbox, advances the sandbox's clock, and returns what was charged.
//
// It returns either a rehearsal or an error: a *migrate.InvalidFileError when the file has errors that the options do not
// skip, and the context's error when that ends. A sandbox is good for one rehearsal: afterwards it may lack the
// invoices that were read out of it on the way.
func Run(ctx context.Context, c Config) (*Rehearsal, error) {
	r := &rehearsal{Config: c}
	r.Observe = inOrder(c.Observe)
	r.customersPerPart = cmp.Or(c.customersPerPart, customersPerPart)
	r.result = Rehearsal{
		File: c.Input.Name, From: c.Sandbox.Now(), MadeUp: c.MadeUp,
		Assumptions: map[forecast.Assumption]int64{}, Unknown: map[forecast.Reason]int64{},
		Differences: Differences{Counts: map[DifferenceKind]int64{}},
	}
	if !c.Until.IsZero() && !c.Until.After(r.result.From) {
		return nil, ErrNothingLater
	}
	err := errTooLate
	for errors.Is(err, errTooLate) {
		err = r.migrate(ctx)
	}
	if err == nil {
		err = r.compare(ctx)
	}
	if err != nil {
		return nil, err
	}
	return &r.result, nil
}

// rehearsal is a rehearsal that goes on.
type rehearsal struct {
	Config
	rows   []outcome        // by their number; the first one, 0, is nobody's
	partOf map[string]int32 // of the customers; nil when there is one part
	parts  []part
	passed atomic.Int64 // days of billing, in all parts together
	result Rehearsal
}

// part is a sandbox with some of the customers. What a part has billed is read, and the part is dropped, before all parts
// have begun: schedules, subscriptions and invoices are many times as large as the rows that they come from.
type part struct {
	sandbox  *sandbox.Server
	gateway  *gateway.Gateway // nil when billing has begun
	waiting  atomic.Int64     // rows whose schedules are still to be created
	invoices []Invoice        // in the order of rows and time
}

func (r *rehearsal) part(customer string) *part { return &r.parts[r.partOf[customer]] }

// inOrder keeps reports that come from several goroutines apart, and leaves out those that were overtaken.
func inOrder(observe func(Progress)) func(Progress) {
	if observe == nil {
		return func(Progress) {}
	}
	var mu sync.Mutex
	var last Progress
	return func(p Progress) {
		mu.Lock()
		defer mu.Unlock()
		if p.Stage != last.Stage || p.Done >= last.Done {
			last = p
			observe(p)
		}
	}
}

const (
	workers          = 2    // how many requests are under way at once; a part of the sandbox serves one at a time
	customersPerPart = 1000 // a few megabytes
)

// errTooLate is returned by migrate when parts were billed for longer than the rows that were not refused ask for.
var errTooLate = errors.New("the parts were billed for too long")

// migrate reviews the file and schedules its rows, exactly as a run does, and bills each part as soon as all of its rows
// are scheduled.
func (r *rehearsal) migrate(ctx context.Context) error {
	whole, err := newGateway(r.Sandbox)
	if err != nil {
		return err
	}
	g, l := &dividedGateway{Gateway: whole, rehearsal: r}, ledger.NewMemory()
	m, err := migrate.New(migrate.Config{
		Gateway: g, Ledger: l, Clock: sandboxClock{r.Sandbox}, Pacer: pace.New(&freeClock{now: r.result.From}, 0), Workers: workers,
		Observe: func(p migrate.Progress) { r.Observe(Progress{Scheduling, p.Done, p.Total}) },
	})
	if err != nil {
		return err
	}
	review, err := m.Review(ctx, r.Input, r.Options)
	if err != nil {
		return err
	}
	r.result.Review, r.result.SHA256 = review, review.Report.SHA256
	if err := r.divide(ctx); err != nil {
		return err
	}
	group, running := errgroup.WithContext(ctx)
	group.SetLimit(1 + runtime.GOMAXPROCS(0)) // the run waits when it is too far ahead
	g.scheduled = func(p *part) {
		if len(r.parts) > 1 {
			group.Go(func() error { return r.bill(running, p, func() {}) })
		}
	}
	var summary *migrate.Summary
	group.Go(func() (err error) {
		summary, err = m.Run(running, review, migrate.RunOptions{})
		return err
	})
	if err := cmp.Or(group.Wait(), ctx.Err()); err != nil {
		return cmp.Or(ctx.Err(), err)
	}
	r.result.Scheduled, r.result.Refused = summary.Scheduled, summary.Failed
	if err := r.loadOutcomes(ctx, l, summary.ID); err != nil {
		return err
	}
	return r.billRest(ctx)
}
