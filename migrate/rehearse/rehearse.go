package rehearse

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/forecast"
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

	customersPerPart int // 0 is customersPerPart; tests divide small files
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
// skip, and the context's error when that ends. A sandbox is good for one rehearsal: afterwards it lacks the
// invoices that were read out of it on the way, and the customers of a large file.
func Run(ctx context.Context, c Config) (*Rehearsal, error) {
	r := &rehearsal{Config: c}
	r.Observe = inOrder(c.Observe)
	r.result = Rehearsal{
		File: c.Input.Name, From: c.Sandbox.Now(), MadeUp: c.MadeUp,
		Assumptions: map[forecast.Assumption]int64{}, Unknown: map[forecast.Reason]int64{},
		Failures:    Failures{Counts: map[FailureKind]int64{}},
		Differences: Differences{Counts: map[DifferenceKind]int64{}},
	}
	if !c.Until.IsZero() && !c.Until.After(r.result.From) {
		return nil, ErrNothingLater
	}
	for _, step := range [...]func(context.Context) error{r.migrate, r.lookAhead, r.bill, r.compare} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	return &r.result, nil
}

// rehearsal is a rehearsal that goes on.
type rehearsal struct {
	Config
	rows     []outcome         // by their number; the first one, 0, is nobody's
	parts    []*sandbox.Server // the sandbox, divided by customer; a part that has been billed is nil
	invoices [][]Invoice       // of each part, in the order of rows and time
	result   Rehearsal
}

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
	// workers is how many requests are under way at once. A part of the sandbox serves one at a time.
	workers = 2
	// customersPerPart is of how many customers a part of the sandbox is made. What a part has billed is read and dropped
	// before another one begins, so that the invoices of a large file, which take far more memory than all else, are never
	// in memory together.
	customersPerPart = 1000
)

// migrate reviews the file and schedules its rows, exactly as a run does, and notes what became of them.
func (r *rehearsal) migrate(ctx context.Context) error {
	whole, err := newGateway(r.Sandbox)
	if err != nil {
		return err
	}
	g, l := &dividedGateway{Gateway: whole}, ledger.NewMemory()
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
	if r.customersPerPart == 0 {
		r.customersPerPart = customersPerPart
	}
	n := (review.Report.Customers + r.customersPerPart - 1) / r.customersPerPart
	if r.parts, err = r.Sandbox.Split(n, func(customer string) int { return partOf(customer, n) }); err != nil {
		return err
	}
	for _, part := range r.parts {
		one, err := newGateway(part)
		if err != nil {
			return err
		}
		g.parts = append(g.parts, one)
	}
	summary, err := m.Run(ctx, review, migrate.RunOptions{})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return err
	}
	r.result.Scheduled, r.result.Refused = summary.Scheduled, summary.Failed
	return r.loadOutcomes(ctx, l, summary.ID)
}
