package cutover

import (
	"cmp"
	"context"
	"fmt"
	"hash/maphash"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/internal/standing"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/verify"
)

// Writer changes subscriptions. *gateway.Gateway is one. Its errors are *migrate.StripeError.
type Writer interface {
	standing.Reader
	Account(ctx context.Context) (migrate.Account, error)
	ChangeSubscription(ctx context.Context, id string, c migrate.SubscriptionChange, key string) (migrate.SubscriptionState, error)
}

// Config is what a Cutover is made of.
type Config struct {
	Destination verify.Party // the account that the migration was run in
	Source      *Source      // the account that its subscriptions come from; nil is for WhoBills alone, which then knows less
	Ledger      ledger.Ledger
	Clock       migrate.Clock

	// Verify compares rows again with what exists right before they are stopped, and returns a sentence for each that has
	// changed. Nil takes the ledger's word for it.
	Verify func(ctx context.Context, id string, rows map[int64]bool) (changed map[int64]string, err error)

	Workers         int                    // how many rows may be under way at once; 0 is migrate.DefaultWorkers
	InFlightTimeout time.Duration          // how long Stripe may be executing a request whose sender has died; 0 is migrate.DefaultInFlightTimeout
	Observe         func(migrate.Progress) // told of every row that was dealt with, from many goroutines; nil is nobody
}

// Source is the account that subscriptions come from, and the Migrator at whose pace it is asked.
type Source struct {
	Migrator *migrate.Migrator
	Writer   Writer
}

// Cutover stops source subscriptions, and lets them go on.
type Cutover struct {
	Config
	seed maphash.Seed
}

// New returns a Cutover.
func New(c Config) *Cutover {
	c.Workers = cmp.Or(max(c.Workers, 0), migrate.DefaultWorkers)
	c.InFlightTimeout = cmp.Or(c.InFlightTimeout, migrate.DefaultInFlightTimeout)
	if c.Observe == nil {
		c.Observe = func(migrate.Progress) {}
	}
	return &Cutover{c, maphash.MakeSeed()}
}

// Options says what is stopped, and how. The zero value stops all rows at the end of their periods.
type Options struct {
	Stop      Stop
	Rows      map[int64]bool  // only these data rows; nil is all
	Canary    int             // stop so many rows and leave the others for the next time; 0 is all
	Tolerance time.Duration   // by how much the source's end may miss the destination's first charge; 0 is DefaultTolerance
	Late      bool            // also rows that both accounts have charged already
	Account   string          // the source account that is meant, which the key must be of; "" is any, for a plan
	Halt      <-chan struct{} // closed: finish what is in flight and begin nothing new; nil is never
}

// DefaultTolerance is by how much the end of what the source was paid for may miss the destination's first charge.
const DefaultTolerance = 24 * time.Hour

// margin is how close to its next charge a source subscription is left alone: the renewal may be under way.
const margin = time.Hour

// WrongSourceError is a source key of another account than the one that was confirmed, or that the migration's subscriptions
// come from.
type WrongSourceError struct {
	Want, Got string
	Bound     bool // Want is where they come from: verify, or a cutover, has found them there
}

// Error names both.
func (e *WrongSourceError) Error() string {
	if e.Bound {
		return fmt.Sprintf("the source key belongs to %s, and the subscriptions come from %s, where they were found before: set it to a key of that account", e.Got, e.Want)
	}
	return fmt.Sprintf("the source key belongs to %s, and %s was confirmed: nothing was changed", e.Got, e.Want)
}

// Row says of one row what was found, or came of it.
type Row struct {
	Row        int64  `json:"row"`
	Line       int64  `json:"line"`
	Customer   string `json:"customer"`
	SourceID   string `json:"source_id"`
	Code       string `json:"code"`
	Sentence   string `json:"sentence"` // for people who do not know the API
	RequestID  string `json:"request_id,omitempty"`
	StripeCode string `json:"stripe_code,omitempty"`
}

// Result is what a cutover would do, or has done. Of each list, all rows are in it.
type Result struct {
	ID            string `json:"id"`
	Account       string `json:"account"`
	SourceAccount string `json:"source_account"`
	Livemode      bool   `json:"livemode"` // of the source account
	Stop          string `json:"stop"`     // period_end, pause or at:UNIX
	Undo          bool   `json:"undo"`
	Applied       bool   `json:"applied"` // false: nothing was changed

	Rows      int64 `json:"rows"`      // of the ledger that were looked at
	ToDo      int64 `json:"to_do"`     // to be stopped, or restored by an undo; after it was done, those that were left
	Done      int64 `json:"done"`      // stopped by us, or restored by an undo, now or earlier
	Ends      int64 `json:"ends"`      // end or have ended without us
	Refused   int64 `json:"refused"`   // left alone, for the reasons in Refusals
	Failed    int64 `json:"failed"`    // Stripe said no
	Unsettled int64 `json:"unsettled"` // it is not known what came of the request

	Notes     []Row      `json:"notes"`     // rows whose source ends without us, although the destination goes on
	FirstEnd  string     `json:"first_end"` // when the first of the sources to be stopped charges next, RFC 3339
	Refusals  []Row      `json:"refusals"`
	Failures  []Row      `json:"failures"`
	Leftovers []Leftover `json:"leftovers"`
}

// work is one cutover, or its undo.
type work struct {
	*Cutover
	options     Options
	mig         ledger.Migration
	now         csvspec.Timestamp // of the clock, or later: as late as the accounts show
	destination standing.Account
	source      standing.Account
	result      *Result
	progress    migrate.Progress
	mu          sync.Mutex // guards result and progress
	shared      map[string]int
	leftovers   map[string][]Leftover // by customer
	todo        []standing.Row
}

// Plan says what Apply would do. It changes nothing.
func (c *Cutover) Plan(ctx context.Context, id string, o Options) (*Result, error) {
	w, err := c.begin(ctx, id, o)
	if err != nil {
		return nil, err
	}
	if err := w.plan(ctx); err != nil {
		return nil, err
	}
	return w.sealed(), nil
}

// Apply stops the source subscriptions of all rows for which that is safe. A row that is refused, or that Stripe refuses,
// is in the result. It returns a *WrongSourceError, a *migrate.BeingCanceledError, a *migrate.WrongAccountError,
// a *migrate.NoSuchRowsError, an *UnsettledError, and migrate.ErrInterrupted when it was halted; the same call goes on.
func (c *Cutover) Apply(ctx context.Context, id string, o Options) (*Result, error) {
	w, unlock, err := c.lock(ctx, id, o)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if w.mig.Status == ledger.StatusCanceling || w.mig.Status == ledger.StatusCanceled {
		return nil, &migrate.BeingCanceledError{ID: w.mig.ID}
	}
	w.result.Applied = true // what is compared with the file is compared batch by batch, right before it is stopped
	if err := w.waitForInFlight(ctx); err != nil {
		return nil, err
	}
	if err := w.plan(ctx); err != nil {
		return nil, err
	}
	w.progress.Total = int64(len(w.todo))
	for batch := range slices.Chunk(w.todo, batchSize) {
		before := len(batch)
		if batch, err = w.unchanged(ctx, batch); err != nil {
			break
		}
		w.count(&w.result.ToDo, int64(len(batch)-before))
		if err = w.each(ctx, batch, w.stop); err != nil {
			break
		}
	}
	return w.sealed(), w.ended(ctx, err)
}

// lock begins with the migration's lock.
func (c *Cutover) lock(ctx context.Context, id string, o Options) (*work, func(), error) {
	unlock, err := c.Ledger.Lock(id)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: wait for it, or stop it first", err)
	}
	w, err := c.begin(ctx, id, o)
	if err != nil {
		unlock()
		return nil, nil, err
	}
	return w, unlock, nil
}

// begin checks both accounts.
func (c *Cutover) begin(ctx context.Context, id string, o Options) (*work, error) {
	mig, err := c.Ledger.Migration(ctx, id)
	if err != nil {
		return nil, err
	}
	if err := c.Destination.Migrator.CheckAccount(ctx, mig); err != nil {
		return nil, err
	}
	from, err := c.sourceAccount(ctx, mig)
	if err != nil {
		return nil, err
	}
	if o.Account != "" && o.Account != from.ID {
		return nil, &WrongSourceError{Want: o.Account, Got: from.ID}
	}
	o.Tolerance = cmp.Or(o.Tolerance, DefaultTolerance)
	w := &work{
		Cutover: c, options: o, mig: mig, now: csvspec.At(c.Clock.Now()), shared: map[string]int{},
		destination: standing.Account{Reader: c.Destination.Reader, Sender: c.Destination.Migrator.Until(o.Halt)},
		source:      standing.Account{Reader: c.Source.Writer, Sender: c.Source.Migrator.Until(o.Halt)},
		result: &Result{
			ID: mig.ID, Account: mig.Account, SourceAccount: from.ID, Livemode: from.Livemode, Stop: o.Stop.String(),
			Notes: []Row{}, Refusals: []Row{}, Failures: []Row{}, Leftovers: []Leftover{},
		},
	}
	return w, nil
}

// sourceAccount says which account the source key is of. Another one than the migration's subscriptions come from is refused.
func (c *Cutover) sourceAccount(ctx context.Context, mig ledger.Migration) (migrate.Account, error) {
	from, err := migrate.Ask(ctx, c.Source.Migrator.Until(nil), func() (migrate.Account, error) { return c.Source.Writer.Account(ctx) })
	switch {
	case err != nil:
		return from, fmt.Errorf("the source account cannot be read: %w", err)
	case mig.SourceAccount != "" && mig.SourceAccount != from.ID:
		return from, &WrongSourceError{Want: mig.SourceAccount, Got: from.ID, Bound: true}
	}
	return from, nil
}

// read reads how rows stand, and what time it is there. Who changes something has the ledger remember in which account their subscriptions were found.
func (w *work) read(ctx context.Context, entries []ledger.Entry) ([]standing.Row, error) {
	rows, err := standing.Read(ctx, w.destination, &w.source, entries)
	w.now = standing.Now(w.now, rows)
	if err != nil || !w.result.Applied || !slices.ContainsFunc(rows, func(r standing.Row) bool { return r.Old != nil }) {
		return rows, err
	}
	return rows, w.Ledger.BindSource(ctx, w.mig.ID, w.result.SourceAccount)
}

// entries returns the rows that are meant, and counts how many of all name each source subscription.
func (w *work) entries(ctx context.Context) (all []ledger.Entry, err error) {
	missing := maps.Clone(w.options.Rows)
	for e, err := range w.Ledger.Entries(ctx, w.mig.ID) {
		if err != nil {
			return nil, err
		}
		if e.SourceID != "" && e.State != ledger.Canceled && e.State != ledger.Refused {
			w.shared[e.SourceID]++
		}
		if w.options.Rows == nil || w.options.Rows[e.Row] {
			all = append(all, e)
			delete(missing, e.Row)
		}
	}
	if len(missing) > 0 {
		return nil, &migrate.NoSuchRowsError{ID: w.mig.ID, Rows: slices.Sorted(maps.Keys(missing))}
	}
	w.result.Rows = int64(len(all))
	return all, nil
}

// rowOf is what there is to say of a row.
func rowOf(e ledger.Entry, code, sentence string) Row {
	return Row{Row: e.Row, Line: e.Line, Customer: e.Customer, SourceID: e.SourceID, Code: code, Sentence: sentence}
}

func (w *work) refuse(e ledger.Entry, code, sentence string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.result.Refused++
	w.result.Refusals = append(w.result.Refusals, rowOf(e, code, sentence))
}

func (w *work) count(n *int64, by int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	*n += by
}

// sealed returns the result with its lists in the order of the rows.
func (w *work) sealed() *Result {
	for _, list := range [][]Row{w.result.Notes, w.result.Refusals, w.result.Failures} {
		slices.SortFunc(list, func(a, b Row) int { return cmp.Compare(a.Row, b.Row) })
	}
	return w.result
}

// recent is how long after its last step a row's last request may have left: as long as a request is tried.
const recent = 10 * time.Minute

// waitForInFlight waits until nothing can be in flight any more that an earlier call has sent. A request that arrives late
// would undo what is done now.
func (w *work) waitForInFlight(ctx context.Context) error {
	began := w.Clock.Now()
	wait := false
	for e, err := range w.Ledger.Entries(ctx, w.mig.ID) {
		if err != nil {
			return err
		}
		unsure := e.Source == ledger.SourceStopping || e.Source == ledger.SourceRestoring || e.SourceAttempt > 1
		wait = wait || unsure && began.Sub(e.SourceAt.Time()) <= recent
	}
	if !wait {
		return nil
	}
	until := began.Add(w.InFlightTimeout)
	for w.Clock.Now().Before(until) {
		w.Observe(migrate.Progress{WaitsUntil: until})
		if w.halted() || w.Clock.Sleep(ctx, min(time.Second, until.Sub(w.Clock.Now()))) != nil {
			return migrate.ErrInterrupted
		}
	}
	return nil
}

func (w *work) halted() bool {
	select {
	case <-w.options.Halt:
		return true
	default:
		return false
	}
}
