package verify

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/url"
	"slices"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/forecast"
	"github.com/subferry/subferry/migrate/internal/standing"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/schedule"
	"github.com/subferry/subferry/validate"
	"github.com/subferry/subferry/validate/account"
	"github.com/subferry/subferry/validate/convert"
)

// Config is what a Verifier is made of.
type Config struct {
	Destination Party
	Source      *Party // nil compares with the destination only
	Ledger      ledger.Ledger
	Clock       migrate.Clock
	Observe     func(done, total int64) // told of the rows that were compared; nil is nobody
}

// Options says what is verified. The zero value verifies all rows.
type Options struct {
	Map           convert.Map    // which ID of the destination stands for one of the source; nil says nothing
	Rows          map[int64]bool // only these data rows; nil is all
	SourceAccount string         // of the source key, for the receipt

	// Decided returns what the user has decided about an awkward state of a source subscription when the file was made,
	// as the file of decisions has it, and whether that was about this one alone. Such a difference is expected. Of who
	// is leaving, a decision about all of them counts only for those who had canceled when the migration was run. Nil has decided nothing.
	Decided func(subscription, state string) (word string, own bool)

	// Input is the file, where it is not a file at the place that the ledger names; nil is that one.
	Input *migrate.Input

	Preview int    // ask for the upcoming invoices of so many rows
	Seed    uint64 // chooses the rows of the preview
}

// Verifier compares migrations with what exists.
type Verifier struct{ Config }

// New returns a Verifier.
func New(c Config) *Verifier {
	if c.Observe == nil {
		c.Observe = func(int64, int64) {}
	}
	return &Verifier{c}
}

// work is one verification.
type work struct {
	*Verifier
	options Options
	mig     ledger.Migration
	input   migrate.Input
	how     migrate.Options
	facts   *account.Account
	now     csvspec.Timestamp
	entries map[int64]ledger.Entry // that are to be compared

	schedules     map[string]*scheduleObject
	subscriptions map[string]*subscriptionObject // of the destination
	sources       map[string]*subscriptionObject
	there         *account.Account // prices and coupons of the source, as far as its subscriptions do not tell of them
	result        *Result
	sampled       map[int64]bool // rows whose upcoming invoice is asked for
	perCustomer   map[string]int // how many rows a customer has
}

// Verify compares every row of a migration that the ledger has begun with what exists, and records in the ledger which
// rows are as they should be; a difference takes that back.
//
// It returns migrate.ErrChanged when the file is not the migration's any more, a *migrate.WrongAccountError for a key of
// another account, and a *migrate.StripeError when an account cannot be read. It changes nothing in Stripe.
func (v *Verifier) Verify(ctx context.Context, id string, o Options) (*Result, error) {
	w, err := v.prepare(ctx, id, o)
	if err != nil {
		return nil, err
	}
	return w.result, w.run(ctx)
}

// prepare reads what is compared with each other, but for the file's rows.
func (v *Verifier) prepare(ctx context.Context, id string, o Options) (*work, error) {
	mig, err := v.Ledger.Migration(ctx, id)
	if err != nil {
		return nil, err
	}
	before := v.requests()
	if err := v.Destination.Migrator.CheckAccount(ctx, mig); err != nil {
		return nil, err
	}
	if o.Decided == nil {
		o.Decided = func(string, string) (string, bool) { return "", false }
	}
	w := &work{Verifier: v, options: o, mig: mig, now: csvspec.At(v.Clock.Now()), entries: map[int64]ledger.Entry{}}
	if o.Input == nil {
		w.input, w.how, err = v.Destination.Migrator.Reopen(ctx, id)
	} else {
		w.input, w.how, err = migrate.ReopenAt(mig, *o.Input)
	}
	if err != nil {
		return nil, err
	}
	w.result = &Result{
		Migration: mig.ID, Account: mig.Account, Livemode: mig.Livemode, SourceAccount: o.SourceAccount, File: mig.File,
		FileSHA256: mig.SHA256, Differences: []Difference{}, Requests: -before,
	}
	for e, err := range v.Ledger.Entries(ctx, id) {
		if err != nil {
			return nil, err
		}
		if o.Rows == nil || o.Rows[e.Row] {
			w.entries[e.Row] = e
		}
	}
	refs, _, err := migrate.ReferencesIn(ctx, w.input, w.how, v.Clock.Now())
	if err != nil {
		return nil, err
	}
	w.facts, err = v.Destination.Migrator.LookUp(ctx, migrate.ObjectIDs{
		Prices: sortedKeys(refs.Prices), Coupons: sortedKeys(refs.Coupons),
	})
	if err != nil {
		return nil, err
	}
	if err := w.readDestination(ctx); err != nil {
		return nil, err
	}
	if err := w.readSource(ctx); err != nil {
		return nil, err
	}
	return w, w.prepareSample(ctx, refs)
}

func (v *Verifier) requests() int64 {
	n := v.Destination.Migrator.Requests()
	if v.Source != nil {
		n += v.Source.Migrator.Requests()
	}
	return n
}

// exists tells whether a row has something that can be compared.
func exists(e ledger.Entry) bool {
	return (e.ScheduleID != "" || e.SubscriptionID != "") && e.State != ledger.Canceled
}

// readDestination reads the schedules, the subscriptions of those that have started, and the direct subscriptions.
func (w *work) readDestination(ctx context.Context) (err error) {
	var scheduled, begun span
	ids, subscriptions := map[string]bool{}, map[string]bool{}
	for _, e := range w.entries {
		switch {
		case !exists(e):
		case e.SubscriptionID != "":
			subscriptions[e.SubscriptionID] = true
			begun.extend(e.IntendedAt, e.UpdatedAt)
		default:
			ids[e.ScheduleID] = true
			scheduled.extend(e.IntendedAt, e.UpdatedAt)
		}
	}
	schedules := standing.List{
		Collection: "subscription_schedules", Filter: scheduled.of(url.Values{}),
		Expand: []string{"phases.items.price", "phases.add_invoice_items.price"},
	}
	w.schedules, err = standing.Fetch(ctx, w.Destination.account(), schedules, ids, func(s *scheduleObject) string { return s.ID })
	if err != nil {
		return fmt.Errorf("the schedules cannot be read: %w", err)
	}
	for _, s := range w.schedules {
		if id := s.live(); id != "" {
			subscriptions[id] = true
			begun.until = max(begun.until, w.now) // it was created when its schedule started
		}
	}
	live := standing.List{Collection: "subscriptions", Filter: begun.of(url.Values{"status": {"all"}})}
	if w.subscriptions, err = standing.Fetch(ctx, w.Destination.account(), live, subscriptions, subscriptionID); err != nil {
		return fmt.Errorf("the subscriptions cannot be read: %w", err)
	}
	return nil
}

// live returns the subscription that the schedule has started; "" when it has not.
func (s *scheduleObject) live() string {
	if s.Subscription != "" {
		return string(s.Subscription)
	}
	return string(s.ReleasedSubscription)
}

// readSource reads the source subscriptions that the rows name.
func (w *work) readSource(ctx context.Context) (err error) {
	if w.Source == nil {
		return nil
	}
	ids := map[string]bool{}
	for _, e := range w.entries {
		if exists(e) && e.SourceID != "" {
			ids[e.SourceID] = true
		}
	}
	all := standing.List{Collection: "subscriptions", Filter: url.Values{"status": {"all"}}}
	w.sources, err = standing.Fetch(ctx, w.Source.account(), all, ids, subscriptionID)
	if err != nil {
		return fmt.Errorf("the source account's subscriptions cannot be read: %w", err)
	}
	if len(w.sources) > 0 && w.options.SourceAccount != "" { // from now on, no other account will do
		if err := w.Ledger.BindSource(ctx, w.mig.ID, w.options.SourceAccount); err != nil {
			return err
		}
	}
	return w.readSourceTerms(ctx)
}

// run reads the file, compares, and records what was found.
func (w *work) run(ctx context.Context) error {
	f, err := w.input.Open()
	if err != nil {
		return err
	}
	defer f.Close()
	once := struct{ io.Reader }{f} // what can be rewound would be read twice, for findings that nobody asks for here
	var verified []ledger.Verified
	rows := int64(0)
	_, err = validate.Each(ctx, w.input.Name, once, w.how.Validation(w.mig.CreatedAt.Time(), w.facts), func(row *csvspec.Row, _ []validate.Finding) error {
		rows++
		e, ok := w.entries[int64(row.Source.Row)]
		if !ok {
			return nil
		}
		one, err := w.row(ctx, e, row)
		if err == nil && one != nil {
			verified = append(verified, *one)
		}
		w.Observe(w.result.Rows, int64(len(w.entries)))
		return err
	})
	if err != nil {
		return fmt.Errorf("%s: %w", w.input.Name, err)
	}
	if w.options.Rows == nil {
		w.result.NotBegun = rows - int64(len(w.entries))
	}
	w.result.Requests += w.requests()
	w.result.seal(w.now)
	for batch := range slices.Chunk(verified, batchSize) {
		if err := w.Ledger.PutVerified(ctx, w.mig.ID, batch); err != nil {
			return err
		}
	}
	return nil
}

// batchSize is how many rows are recorded with one write to the disk.
const batchSize = 1000

// row compares one row; nil for one that is not compared.
func (w *work) row(ctx context.Context, e ledger.Entry, row *csvspec.Row) (*ledger.Verified, error) {
	w.result.Rows++
	if e.State == ledger.Canceled {
		w.result.Canceled++
		return nil, nil
	}
	line := Line{Row: e.Row, Line: e.Line, Customer: e.Customer, ScheduleID: e.ScheduleID, SubscriptionID: e.SubscriptionID, SourceID: e.SourceID}
	values := []Value{{Destination, "row", "scheduled", stateWords(e)}}
	if exists(e) {
		planner := schedule.Planner{Account: w.facts, Direct: w.how.Direct}
		planned, err := planner.FromRow(row)
		if err != nil {
			return nil, fmt.Errorf("line %d: what the row has become cannot be computed any more: %w", e.Line, err)
		}
		planned = planned.Tagged(schedule.Tag{Migration: w.mig.ID, Row: e.Row})
		c := &comparison{row: row, planned: &planned, now: w.now, side: Destination, decided: w.options.Decided, currency: forecast.Of(&planned, w.facts, 0).Currency,
			began: w.mig.CreatedAt, to: w.options.Map, facts: w.facts, there: w.there}
		line.Status = w.compare(c, e, &line)
		w.lost(c, line)
		values = append(values, c.values...)
		line.SHA256 = hashOf(values) // without the preview, which another verification may not ask for
		if w.sampled[e.Row] && !lacksObject(c.values) {
			more, err := w.upcoming(ctx, e, &planned, line)
			if err != nil {
				return nil, err
			}
			values = append(values, more...)
		}
	}
	line.Fields = len(values)
	if w.result.note(line, values) {
		return &ledger.Verified{Row: e.Row, At: w.now, Hash: line.SHA256}, nil
	}
	return &ledger.Verified{Row: e.Row}, nil
}

// lacksObject tells whether what the row has become is gone.
func lacksObject(values []Value) bool {
	return slices.ContainsFunc(values, func(v Value) bool { return v.Field == "object" })
}

func sortedKeys[V any](set map[string]V) []string { return slices.Sorted(maps.Keys(set)) }

// stateWords says why a row has nothing that can be compared.
func stateWords(e ledger.Entry) string {
	switch {
	case exists(e):
		return "scheduled"
	case e.State == ledger.Refused:
		return "refused: " + e.Error
	}
	return "begun, and whether it exists is not known (migrate resume looks)"
}

// compare compares a row with what it has become, and with its source, and returns how that stands.
func (w *work) compare(c *comparison, e ledger.Entry, line *Line) (status string) {
	id := e.SubscriptionID
	if id == "" {
		s := w.schedules[e.ScheduleID]
		if s == nil {
			c.add("object", e.ScheduleID, "")
			return "missing"
		}
		status, id = s.Status, s.live()
		if id == "" {
			c.withSchedule(s)
		}
	}
	if id != "" {
		line.SubscriptionID = id
		s := w.subscriptions[id]
		if s == nil {
			c.add("object", id, "")
			return "missing"
		}
		status = s.Status
		c.withSubscription(s)
		c.coupon(s, w.facts.Coupons[c.planned.Terms().Coupon])
	}
	if w.Source != nil && e.SourceID == "" {
		w.result.NoSource++
	} else if w.Source != nil {
		c.withSource(w.sources[e.SourceID], e.SourceID, e.Source.Stopped())
	}
	return status
}
