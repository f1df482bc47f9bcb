package migrate

import (
	"context"
	"hash/maphash"
	"math"
	"sync"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate"
)

// survey shows what the account has for the customers of the rows that are not settled: the schedules that have not
// started, and then the subscriptions that are not canceled. In this order, because a schedule that goes live
// meanwhile is missing from the one list and found in the other.
//
// How much the account has is not known. So each list is walked for as many pages as there are customers to be asked
// for, and if it has not ended by then, each customer is asked for. That is never more than twice the cheaper of the two
// ways; SearchRequests says how much it is at most.
func (r *run) survey(ctx context.Context, schedule func(ScheduleState) error, live func(SubscriptionState) error) error {
	most := max(1, min(int64(r.review.Report.Customers), int64(r.review.Report.Rows)-r.settled.Len()))
	schedules, err := r.schedulePages(ctx, ScheduleFilter{NotStarted: true}, most, schedule)
	if err != nil {
		return err
	}
	subscriptions, err := r.subscriptionPages(ctx, SubscriptionFilter{}, most, live)
	if err != nil {
		return err
	}
	if schedules && subscriptions {
		hidden, err := r.hidden(ctx, most)
		if err != nil || !hidden {
			return err
		}
		schedules, subscriptions = false, false
	}
	var mu sync.Mutex // customers are asked for at the same time
	return r.askEach(ctx, func(ctx context.Context, customer string) error {
		if !schedules {
			if err := r.walk(ctx, ScheduleFilter{Customer: customer, NotStarted: true}, guarded(&mu, schedule)); err != nil {
				return err
			}
		}
		if subscriptions {
			return nil
		}
		_, err := r.subscriptionPages(ctx, SubscriptionFilter{Customer: customer}, math.MaxInt64, guarded(&mu, live))
		return err
	})
}

func guarded[T any](mu *sync.Mutex, see func(T) error) func(T) error {
	return func(one T) error {
		mu.Lock()
		defer mu.Unlock()
		return see(one)
	}
}

// askEach asks for every customer who has a row that is not settled, once.
func (r *run) askEach(ctx context.Context, ask func(ctx context.Context, customer string) error) error {
	asked := map[uint64]struct{}{} // hashes, because there may be a million of them
	crew := newCrew(r.workers, r.seed, r.stop, func(customer string) error { return ask(ctx, customer) })
	err := r.review.Input.each(ctx, r.review.Options.Validation(r.review.Now, nil), func(row *csvspec.Row, _ []validate.Finding) error {
		hash := maphash.String(r.seed, row.Customer)
		if _, done := asked[hash]; done || row.Customer == "" || r.settled.Has(int64(row.Source.Row)) {
			return nil
		}
		asked[hash] = struct{}{}
		return crew.give(row.Customer, row.Customer)
	})
	if failure := crew.finish(); failure != nil {
		return failure
	}
	if crew.left.Load() {
		return ErrInterrupted // who was not asked for must not count as having nothing
	}
	return err
}

// SearchRequests returns how many requests a run sends at most, before its first schedule, to find out what the account
// has for the customers of the file already: see survey. A customer who has more than 100 subscriptions takes one more
// for each further 100, and what the account's limit refuses is sent again.
func (r *Review) SearchRequests() int64 {
	const lists, ways = 2, 2 // schedules and subscriptions, each as a whole and then by customer
	return lists*ways*int64(r.Report.Customers) + 1
}

// fewHidden is up to how many customers are asked for one by one because the lists may hide some of them: in test mode,
// those of a test clock, which has three customers at most.
const fewHidden = 300

// hidden tells whether the lists have left something out that matters for so many customers. A key that may not ask is
// told nothing, so that something may be hidden.
func (r *run) hidden(ctx context.Context, customers int64) (bool, error) {
	if customers > fewHidden {
		return false, nil
	}
	hide, err := send(ctx, &r.sender, reading, func() (bool, error) { return r.gateway.ListsHide(ctx) })
	if failure := asStripeError(err); failure != nil && failure.Outcome == Refused {
		return true, nil
	}
	return hide, err
}
