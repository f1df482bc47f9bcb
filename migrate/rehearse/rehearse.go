package rehearse

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/forecast"
	"github.com/subferry/subferry/migrate/gateway"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/pace"
	"github.com/subferry/subferry/migrate/sandbox"
)

// Config is what a rehearsal is made of. Box and Input are required.
type Config struct {
	Box     *sandbox.Server // made by Open, with the account that the file is meant for
	Input   migrate.Input
	Options migrate.Options    // its zero value is the strictest
	Until   time.Time          // how far to advance the clock; zero is until every subscription has renewed twice
	Observe func(Progress)     // told how far it has come, one call at a time; nil is nobody
	MadeUp  bool               // the box's prices, coupons and tax rates were made up
	Each    func(Row, Invoice) // shown every invoice with its row, in the order of the file; nil is nobody
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
// skip, and the context's error when that ends. A box is good for one rehearsal: afterwards it lacks the
// invoices that were read out of it on the way.
func Run(ctx context.Context, c Config) (*Rehearsal, error) {
	s, err := newStage(c)
	if err != nil {
		return nil, err
	}
	for _, step := range [...]func(context.Context) error{s.migrate, s.know, s.lookAhead, s.bill, s.match, s.compare} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	return &s.result, nil
}

// stage is a rehearsal that goes on.
type stage struct {
	Config
	gateway  *gateway.Gateway
	ledger   ledger.Ledger
	migrator *migrate.Migrator
	rows     []scheduled // by their number; the first one, 0, is nobody's
	invoices []Invoice
	words    words // that occur in invoices
	result   Rehearsal
}

// testKey is any test key: a sandbox in this process takes them all.
const testKey = "sk_test_rehearsal"

// address stands where the address of a server would.
const address = "http://127.0.0.1"

// workers is how many requests are under way at once. The sandbox serves one at a time; a second one can be prepared
// meanwhile.
const workers = 2

func newStage(c Config) (*stage, error) {
	s := &stage{Config: c, ledger: ledger.NewMemory(), words: words{}}
	s.Observe = inOrder(c.Observe)
	s.result = Rehearsal{
		File: c.Input.Name, From: c.Box.Now(), MadeUp: c.MadeUp,
		Assumptions: map[forecast.Assumption]int64{}, Unknown: map[forecast.Reason]int64{},
		Failures:    Failures{Counts: map[FailureKind]int64{}},
		Differences: Differences{Counts: map[DifferenceKind]int64{}},
	}
	if !c.Until.IsZero() && !c.Until.After(s.result.From) {
		return nil, ErrNothingLater
	}
	key, err := gateway.NewKey(testKey)
	if err != nil {
		return nil, err
	}
	if s.gateway, err = gateway.New(gateway.Config{Key: key, BaseURL: address, HTTP: c.Box.Transport()}); err != nil {
		return nil, err
	}
	s.migrator, err = migrate.New(migrate.Config{
		Gateway: s.gateway, Ledger: s.ledger, Clock: boxClock{c.Box}, Pacer: pace.New(&freeClock{now: s.result.From}, 0), Workers: workers,
		Observe: func(p migrate.Progress) { s.Observe(Progress{Scheduling, p.Done, p.Total}) },
	})
	return s, err
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

// migrate reviews the file and schedules its rows, exactly as a run does.
func (s *stage) migrate(ctx context.Context) error {
	review, err := s.migrator.Review(ctx, s.Input, s.Options)
	if err != nil {
		return err
	}
	s.result.Review, s.result.SHA256 = review, review.Report.SHA256
	summary, err := s.migrator.Run(ctx, review, migrate.RunOptions{})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return err
	}
	s.result.Scheduled, s.result.Refused = summary.Scheduled, summary.Failed
	return nil
}
