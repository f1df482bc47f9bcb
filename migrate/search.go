package migrate

import (
	"context"
	"errors"
	"hash/maphash"
	"log/slog"
	"sync"
	"time"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/internal/workers"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/validate"
)

// ErrSearchAgain is returned by RunShard when the search of the account is too old to rely on. The file has to be split
// again.
var ErrSearchAgain = errors.New("the account has to be searched again")

// search makes sure that the ledger knows every schedule and direct subscription of this file that exists: it looks through the account when
// that was never done for this migration, or so long ago that Stripe may have forgotten the idempotency keys of
// schedules made since. There are none that the ledger does not know, unless it was lost or the file was run from
// another machine; those are adopted, also when their subscriptions are live by now.
//
// With it, no request can make a second one: one made before the search is in the ledger, and one made after it
// has the key under which this run would ask for it.
//
// The same look shows schedules and live subscriptions of other files and other programs, so that no subscription is
// scheduled beside them.
func (r *run) search(ctx context.Context) error {
	if !searchIsOld(r.op.migration, r.op.m.clock.Now()) && (r.duplicates != nil || !r.review.Options.SkipScheduled) {
		return nil
	}
	if err := r.loadLedger(ctx); err != nil {
		return err
	}
	began := csvspec.At(r.op.m.clock.Now())
	found := map[int64]made{}
	r.duplicates = newAccountDuplicates(r)
	until, done := r.op.untilStop(ctx)
	defer done()
	err := r.searchAccount(until, func(s ScheduleState) error {
		if s.Status != StatusNotStarted {
			return nil
		}
		if row, mine := r.op.rowOf(s.Metadata); mine {
			s.Metadata = nil // there may be a million of them
			found[row] = madeSchedule(s)
			return nil
		}
		return r.duplicates.compareSchedule(ctx, s)
	}, func(s SubscriptionState) error {
		if s.Status == statusExpired {
			return nil
		}
		if row, mine := r.op.rowOf(s.Metadata); mine {
			s.Metadata = nil
			found[row] = made{id: s.Schedule, customer: s.Customer, status: StatusActive, subscription: s.ID}
			if s.Schedule == "" {
				found[row] = madeSubscription(s)
			}
			return nil
		}
		return r.duplicates.compareSubscription(ctx, s)
	})
	if err != nil {
		return err
	}
	if err := r.adopt(ctx, found); err != nil {
		return err
	}
	if err := r.duplicates.refuse(ctx); err != nil {
		return err
	}
	r.op.migration.SearchedAt = began
	if r.duplicates.rows.Len() > 0 {
		began = 0 // this run leaves rows out, as it was told; one that is not told has to find them by itself
	}
	return r.op.ledger.SetSearched(ctx, r.op.migration.ID, began)
}

// searchIsOld tells whether a migration's search cannot be relied on; nor can one of the future, after which the clock
// was set back. But another machine may have searched, and its clock may be a little ahead.
func searchIsOld(m ledger.Migration, now time.Time) bool {
	age := now.Sub(m.SearchedAt.Time())
	return m.SearchedAt.IsBlank() || age > searchLife || age < -skew
}

// searchAccount shows what the account has for the customers of the rows that are not settled: the schedules that have
// not started, and then the subscriptions that are not canceled. In this order, because a schedule that goes live
// meanwhile is missing from the one list and found in the other.
//
// How much the account has is not known. So each list is walked for as many pages as there are customers to be asked
// for, and if it has not ended by then, each customer is asked for. That is never more than twice the cheaper of the
// two ways; SearchRequests says how much it is at most.
func (r *run) searchAccount(ctx context.Context, schedule func(ScheduleState) error, live func(SubscriptionState) error) error {
	most := max(1, min(int64(r.review.Report.Customers), int64(r.review.Report.Rows)-r.settled.Len()))
	schedulesDone, err := r.op.listSchedules(ctx, ScheduleFilter{NotStarted: true}, most, schedule)
	if err != nil {
		return err
	}
	subscriptionsDone, err := r.op.listSubscriptions(ctx, SubscriptionFilter{}, most, live)
	if err != nil {
		return err
	}
	if schedulesDone && subscriptionsDone {
		hidden, err := r.listsHide(ctx, most)
		if err != nil || !hidden {
			return err
		}
		schedulesDone, subscriptionsDone = false, false
	}
	var mu sync.Mutex // customers are asked for at the same time
	pool := workers.New(r.op.m.workers, r.op.m.seed, r.op.stop, func(customer string) error {
		if !schedulesDone {
			f := ScheduleFilter{Customer: customer, NotStarted: true}
			if _, err := r.op.listSchedules(ctx, f, allPages, guarded(&mu, schedule)); err != nil {
				return err
			}
		}
		if subscriptionsDone {
			return nil
		}
		_, err := r.op.listSubscriptions(ctx, SubscriptionFilter{Customer: customer}, allPages, guarded(&mu, live))
		return err
	})
	asked := map[uint64]struct{}{} // hashes, because there may be a million of them
	_, err = r.readRows(ctx, func(row *csvspec.Row, _ validate.Findings) error {
		hash := maphash.String(r.op.m.seed, row.Customer)
		if _, done := asked[hash]; done || row.Customer == "" || r.settled.Has(int64(row.Source.Row)) {
			return nil
		}
		asked[hash] = struct{}{}
		return pool.Submit(row.Customer, row.Customer)
	})
	if failure := pool.Wait(); failure != nil { // who was not asked for must not count as having nothing
		return failure
	}
	return err
}

func guarded[T any](mu *sync.Mutex, see func(T) error) func(T) error {
	return func(one T) error {
		mu.Lock()
		defer mu.Unlock()
		return see(one)
	}
}

// SearchRequests returns how many requests a run sends at most, before its first schedule, to find out what the account
// has for the customers of the file already: it walks the lists of schedules and subscriptions, and where they are long
// asks for each customer. A customer who has more than 100 subscriptions takes one more for each further 100, and what
// the account's limit refuses is sent again.
func (r *Review) SearchRequests() int64 {
	const lists, ways = 2, 2 // schedules and subscriptions, each as a whole and then by customer
	return lists*ways*int64(r.Report.Customers) + 1
}

// fewHidden is up to how many customers are asked for one by one because the lists may hide some of them: in test mode,
// those of a test clock, which has three customers at most.
const fewHidden = 300

// listsHide tells whether the lists have left something out that matters for so many customers. A key that may not ask
// is told nothing, so that something may be hidden.
func (r *run) listsHide(ctx context.Context, customers int64) (bool, error) {
	if customers > fewHidden {
		return false, nil
	}
	hide, err := send(ctx, r.op.requester, reading, func() (bool, error) { return r.op.m.gateway.ListsHide(ctx) })
	if failure := asStripeError(err); failure != nil && failure.Outcome == Refused {
		return true, nil
	}
	return hide, err
}

// adopt writes what was found into the ledger, that of rows which it knows already excepted.
func (r *run) adopt(ctx context.Context, found map[int64]made) error {
	for row := range found {
		if _, begun := r.pending[row]; begun || r.settled.Has(row) {
			delete(found, row) // what was begun is looked up one by one
		}
	}
	if len(found) == 0 {
		return nil
	}
	r.op.m.log.Warn("rows of this file exist in Stripe already and are adopted", slog.Int("rows", len(found)))
	pool := workers.New(r.op.m.workers, r.op.m.seed, r.op.stop, func(a adoption) error { return r.adoptRow(ctx, a) })
	_, err := r.readRows(ctx, func(row *csvspec.Row, _ validate.Findings) error {
		state, ok := found[int64(row.Source.Row)]
		if !ok || state.customer != row.Customer {
			return nil
		}
		planned, _ := r.review.Planner().FromRow(row) // it exists, even if its row would not be planned today
		adopted := newShardRow(row, planned, r.op.migration.ID)
		return pool.Submit(row.Customer, adoption{adopted.entry(), state})
	})
	if failure := pool.Wait(); failure != nil {
		return failure
	}
	return err
}

// adoption is a row of which the ledger knows nothing, and what it has become.
type adoption struct {
	entry ledger.Entry
	state made
}

// adoptRow writes one row into the ledger. A subscription that no schedule governs is a direct one, also when the row would
// become a schedule here; or its schedule has ended, which it does not name any more, while the schedule still names its row.
func (r *run) adoptRow(ctx context.Context, a adoption) error {
	if a.state.direct && !isDirect(a.entry) {
		ended, found, err := r.op.find(ctx, a.entry)
		if err != nil {
			return err
		}
		if found {
			a.state = ended
		}
	}
	return r.recordFound(ctx, a.entry, a.state)
}
