package standing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/ledger"
)

// Reader reads from an account. *gateway.Gateway is one. Its errors are *migrate.StripeError.
type Reader interface {
	Read(ctx context.Context, path string, query url.Values) (json.RawMessage, error)
}

// Account is an account that is read, at a sender's pace.
type Account struct {
	Reader Reader
	Sender migrate.Sender
}

// Get asks for one object, and returns nil when the account has none with this ID.
func Get[T any](ctx context.Context, a Account, collection, id string, query url.Values) (*T, error) {
	path := "/v1/" + collection + "/" + url.PathEscape(id)
	raw, err := migrate.Ask(ctx, a.Sender, func() (json.RawMessage, error) { return a.Reader.Read(ctx, path, query) })
	if failure := (*migrate.StripeError)(nil); errors.As(err, &failure) && failure.Code == "resource_missing" {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	object := new(T)
	if err := json.Unmarshal(raw, object); err != nil {
		return nil, fmt.Errorf("%s: Stripe's answer cannot be read: %w", path, err)
	}
	return object, nil
}

// Walk shows the objects of a list, newest first, until see returns false.
func Walk[T any](ctx context.Context, a Account, collection string, filter url.Values, id func(*T) string, see func(*T) bool) error {
	query, path := maps.Clone(filter), "/v1/"+collection
	if query == nil {
		query = url.Values{}
	}
	query.Set("limit", "100")
	for {
		raw, err := migrate.Ask(ctx, a.Sender, func() (json.RawMessage, error) { return a.Reader.Read(ctx, path, query) })
		if failure := (*migrate.StripeError)(nil); errors.As(err, &failure) && failure.Code == "resource_missing" && failure.Param == "customer" {
			return nil // a customer who is gone has none
		}
		if err != nil {
			return err
		}
		var page struct {
			Data []*T `json:"data"`
			More bool `json:"has_more"`
		}
		if err := json.Unmarshal(raw, &page); err != nil {
			return fmt.Errorf("%s: Stripe's answer cannot be read: %w", path, err)
		}
		for _, object := range page.Data {
			if !see(object) {
				return nil
			}
		}
		if !page.More || len(page.Data) == 0 {
			return nil
		}
		query.Set("starting_after", id(page.Data[len(page.Data)-1]))
	}
}

// few is up to how many objects are asked for one by one: a list is no better.
const few = 3

// List is a list of an account.
type List struct {
	Collection string
	Filter     url.Values
	Expand     []string // what its objects show only when asked
}

// expanded returns a query that asks for what the objects show only then.
func (l List) expanded(query url.Values, within string) url.Values {
	all := maps.Clone(query)
	if all == nil {
		all = url.Values{}
	}
	for _, field := range l.Expand {
		all.Add("expand[]", within+field)
	}
	return all
}

// Fetch returns the objects with these IDs; those that are gone are absent. It walks the list until as many pages held none
// of them as there are left to find, and asks for those one by one: lists leave out what belongs to test clocks.
func Fetch[T any](ctx context.Context, a Account, l List, ids map[string]bool, id func(*T) string) (map[string]*T, error) {
	found, wanted := make(map[string]*T, len(ids)), maps.Clone(ids)
	if len(wanted) > few {
		seen, hits, wasted := 0, 0, 0
		err := Walk(ctx, a, l.Collection, l.expanded(l.Filter, "data."), id, func(o *T) bool {
			if wanted[id(o)] {
				found[id(o)] = o
				delete(wanted, id(o))
				hits++
			}
			if seen++; seen%100 == 0 {
				if hits == 0 {
					wasted++
				}
				hits = 0
			}
			return len(wanted) > 0 && wasted < len(wanted)
		})
		if err != nil {
			return nil, err
		}
	}
	for _, one := range slices.Sorted(maps.Keys(wanted)) {
		object, err := Get[T](ctx, a, l.Collection, one, l.expanded(nil, ""))
		if err != nil {
			return nil, err
		}
		if object != nil {
			found[one] = object
		}
	}
	return found, nil
}

// Row is how one row stands.
type Row struct {
	ledger.Entry
	Schedule   *Schedule     // nil for a direct subscription, and when it is gone
	Live       *Subscription // of the destination; nil when there is none yet, or it is gone
	Old        *Subscription // the source subscription; nil when the source account has none, or was not read
	SourceRead bool
}

// Read reads how rows stand. Without a source account nothing is known of source subscriptions.
func Read(ctx context.Context, destination Account, source *Account, entries []ledger.Entry) ([]Row, error) {
	ids, live, old := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, e := range entries {
		switch {
		case e.SubscriptionID != "":
			live[e.SubscriptionID] = true
		case e.ScheduleID != "":
			ids[e.ScheduleID] = true
		}
		if e.SourceID != "" {
			old[e.SourceID] = true
		}
	}
	all := List{Collection: "subscriptions", Filter: url.Values{"status": {"all"}}}
	schedules, err := Fetch(ctx, destination, List{Collection: "subscription_schedules"}, ids, func(s *Schedule) string { return s.ID })
	if err != nil {
		return nil, fmt.Errorf("the schedules cannot be read: %w", err)
	}
	for _, s := range schedules {
		if id := s.Live(); id != "" {
			live[id] = true
		}
	}
	ofID := func(s *Subscription) string { return s.ID }
	subscriptions, err := Fetch(ctx, destination, all, live, ofID)
	if err != nil {
		return nil, fmt.Errorf("the subscriptions cannot be read: %w", err)
	}
	sources := map[string]*Subscription{}
	if source != nil {
		if sources, err = Fetch(ctx, *source, all, old, ofID); err != nil {
			return nil, fmt.Errorf("the source account's subscriptions cannot be read: %w", err)
		}
	}
	rows := make([]Row, len(entries))
	for i, e := range entries {
		r := Row{Entry: e, Schedule: schedules[e.ScheduleID], Old: sources[e.SourceID], SourceRead: source != nil && e.SourceID != ""}
		switch {
		case e.SubscriptionID != "":
			r.Live = subscriptions[e.SubscriptionID]
		case r.Schedule != nil && r.Schedule.Live() != "":
			r.Live = subscriptions[r.Schedule.Live()]
		}
		rows[i] = r
	}
	return rows, nil
}

// Now returns the moment that it is in accounts with these rows: that of the clock, or the latest that a subscription shows.
// Those of test clocks, each of which has a time of its own, say nothing of the others.
func Now(clock csvspec.Timestamp, rows []Row) csvspec.Timestamp {
	for i := range rows {
		for _, s := range []*Subscription{rows[i].Live, rows[i].Old} {
			if s != nil && s.TestClock == "" {
				clock = max(clock, s.latest())
			}
		}
	}
	return clock
}

// Now returns the moment that it is for this row, which its subscriptions may show to be later than now.
func (r *Row) Now(now csvspec.Timestamp) csvspec.Timestamp {
	return max(now, r.Live.latest(), r.Old.latest())
}

// Reread reads again how one row stands, with a request for each object.
func Reread(ctx context.Context, destination, source Account, e ledger.Entry) (Row, error) {
	r := Row{Entry: e, SourceRead: true}
	var err error
	live := e.SubscriptionID
	if live == "" && e.ScheduleID != "" {
		if r.Schedule, err = Get[Schedule](ctx, destination, "subscription_schedules", e.ScheduleID, nil); err != nil {
			return r, err
		}
		if r.Schedule != nil {
			live = r.Schedule.Live()
		}
	}
	if live != "" {
		if r.Live, err = Get[Subscription](ctx, destination, "subscriptions", live, nil); err != nil {
			return r, err
		}
	}
	r.Old, err = Get[Subscription](ctx, source, "subscriptions", e.SourceID, nil)
	return r, err
}

// Exists tells whether the row has something in the destination that is to charge, or to end as the row asks.
func (r *Row) Exists() bool {
	switch {
	case r.Live != nil:
		return !r.Live.Ended()
	case r.Schedule != nil:
		return r.Schedule.Status == migrate.StatusNotStarted
	}
	return false
}

// EndedAsAsked tells whether what the row has become is over because the row says so.
func (r *Row) EndedAsAsked() bool {
	switch {
	case r.Schedule != nil:
		early := r.Live != nil && !r.Live.EndedAt.IsBlank() && r.Live.EndedAt < r.Schedule.End()
		return r.Schedule.Status == migrate.StatusCompleted && !r.Schedule.End().IsBlank() && !early
	case r.Live != nil: // no row becomes a subscription with cancel_at_period_end
		return !r.Live.CancelAtPeriodEnd && !r.Live.CancelAt.IsBlank() && r.Live.EndedAt >= r.Live.CancelAt
	}
	return false
}

// EndsUnasked tells whether what the row has become ends before it charges again, and not because the row says so.
func (r *Row) EndsUnasked() bool {
	s := r.Live
	switch {
	case s == nil || s.Ended() || !s.ends():
		return false
	case r.Schedule != nil:
		end, governs := r.Schedule.End(), r.Schedule.Status == migrate.StatusActive || r.Schedule.Status == migrate.StatusCompleted
		return !governs || end.IsBlank() || s.EndOf() < end
	}
	return s.CancelAtPeriodEnd
}

// Idle tells whether the row has a subscription that neither charges nor ends: unpaid, paused, or never paid for the first
// time.
func (r *Row) Idle() bool {
	s := r.Live
	return s != nil && !s.Ended() && s.Next().IsBlank() && !s.ends()
}
