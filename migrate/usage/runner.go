package usage

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"hash/maphash"
	"log/slog"
	"time"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/ledger"
	judge "github.com/subferry/subferry/validate/usage"
)

// Config is what a Runner is made of. Gateway, Ledger, Migrator and Sender are required.
type Config struct {
	Gateway  Gateway
	Ledger   ledger.Ledger
	Clock    migrate.Clock
	Migrator *migrate.Migrator // for what is looked up, at the account's pace
	Sender   *migrate.Migrator // for events, which have a limit of their own
	Account  migrate.Account   // of the key
	APIBase  string
	Workers  int // how many requests may be under way at once; 0 is DefaultWorkers
	Observe  func(migrate.Progress)
	Log      *slog.Logger

	// StreamAnywhere lets the stream be used outside of live mode, by servers that have it there.
	StreamAnywhere bool
}

// DefaultWorkers is how many requests may be under way at once: enough for 1,000 a second at a quarter of a second each.
const DefaultWorkers = 256

// Runner sends files of usage to one account.
type Runner struct {
	Config
	seed maphash.Seed
}

// New returns a Runner.
func New(c Config) *Runner {
	c.Workers = cmp.Or(c.Workers, DefaultWorkers)
	if c.Observe == nil {
		c.Observe = func(migrate.Progress) {}
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Clock == nil {
		c.Clock = migrate.SystemClock{}
	}
	return &Runner{c, maphash.MakeSeed()}
}

// Options say how a file is read and sent. They are kept with a run, and a resume uses the same.
type Options struct {
	AllowDecimals bool              `json:"allow_decimals,omitempty"`
	Zone          string            `json:"zone,omitempty"` // of dates that state none; "" makes them errors
	Sheet         string            `json:"sheet,omitempty"`
	Customers     map[string]string `json:"customers,omitempty"` // old IDs to new ones
	Stream        bool              `json:"stream,omitempty"`
	Rejected      Again             `json:"-"` // whether events are sent again that an error report has named
}

// reading returns how a file is judged.
func (o Options) reading(now time.Time) (judge.Options, error) {
	read := judge.Options{Now: now, AllowDecimals: o.AllowDecimals, Sheet: o.Sheet, Customers: o.Customers}
	if o.Zone == "" {
		return read, nil
	}
	var err error
	read.Zone, err = time.LoadLocation(o.Zone)
	return read, err
}

// OptionsOf returns the options of a run.
func OptionsOf(r ledger.UsageRun) (o Options, err error) {
	return o, json.Unmarshal(r.Options, &o)
}

// book is the account in the ledger.
func (r *Runner) book() ledger.UsageAccount {
	return ledger.UsageAccount{ID: r.Account.ID, Livemode: r.Account.Livemode}
}

// meters lists the account's meters by event name. Of several with the same, the active one counts.
func (r *Runner) meters(ctx context.Context) (map[string]judge.Meter, error) {
	all := map[string]judge.Meter{}
	for after := ""; ; {
		page, err := migrate.Ask(ctx, r.Migrator.Until(nil), func() (MeterPage, error) { return r.Gateway.Meters(ctx, after) })
		if err != nil {
			return nil, err
		}
		for _, m := range page.Meters {
			if known, ok := all[m.EventName]; !ok || m.Active && !known.Active {
				all[m.EventName] = m
			}
			after = m.ID
		}
		if !page.More || len(page.Meters) == 0 {
			return all, nil
		}
	}
}

// known are the events that the ledger has of the account, by identifier.
type known map[identity]earlier

type identity [16]byte

type earlier struct {
	run       *string // shared by the events of a run
	row       int64
	digest    identity
	state     ledger.UsageState
	elsewhere bool // sent from elsewhere
}

// settled tells whether no request leaves for an event any more.
func (e earlier) settled(rejected Again) bool {
	switch e.state {
	case ledger.UsageRefused:
		return e.elsewhere
	case ledger.UsageRejected:
		return !bool(rejected)
	}
	return !e.state.Open()
}

// sentElsewhere tells whether Stripe has had an event under the identifier that this ledger knows nothing of.
func sentElsewhere(e ledger.UsageEvent) bool {
	return e.State == ledger.UsageRefused && e.ErrorCode == CodeElsewhere
}

// loadKnown reads what was sent to the account before, and shows each event to visit, which may be nil.
func (r *Runner) loadKnown(ctx context.Context, visit func(ledger.UsageEvent, earlier)) (known, error) {
	all, names := known{}, map[string]*string{}
	for e, err := range r.Ledger.UsageOf(ctx, r.book()) {
		if err != nil {
			return nil, err
		}
		if names[e.Run] == nil {
			names[e.Run] = &e.Run
		}
		one := earlier{names[e.Run], e.Row, identityOf(e.Digest), e.State, sentElsewhere(e)}
		all[identityOf(e.Identifier)] = one
		if visit != nil {
			visit(e, one)
		}
	}
	return all, nil
}

// sent returns judge.Options.Sent.
func (k known) sent(rejected Again) func(*judge.Event) *judge.Earlier {
	return func(e *judge.Event) *judge.Earlier {
		before, ok := k[identityOf(e.Identifier)]
		if !ok || before.state == ledger.UsageRefused && !before.elsewhere {
			return nil
		}
		return &judge.Earlier{
			Run: *before.run, Row: before.row, Same: before.digest == identityOf(e.Digest()), Pending: before.state == ledger.UsageRejected && bool(rejected),
		}
	}
}

// interruption returns ErrInterrupted in place of whatever a stop, or the end of the context, has made fail.
func interruption(ctx context.Context, err error) error {
	if err != nil && (ctx.Err() != nil || errors.Is(err, ErrInterrupted)) {
		return ErrInterrupted
	}
	return err
}

func (r *Runner) now() csvspec.Timestamp { return csvspec.At(r.Clock.Now()) }
