package migrate

import (
	"context"
	"math"
	"time"

	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/schedule"
)

// skew is by how much Stripe's clock may differ from ours.
const skew = 5 * time.Minute

// readSchedule asks how a schedule stands now.
func (o *operation) readSchedule(ctx context.Context, id string) (ScheduleState, error) {
	return send(ctx, o.requester, reading, func() (ScheduleState, error) { return o.m.gateway.Schedule(ctx, id) })
}

// findSchedule searches a customer's schedules for the one that was made for a row. A canceled one counts only when it
// was made since the row was last begun: an older one belongs to a migration that was canceled.
func (o *operation) findSchedule(ctx context.Context, e ledger.Entry) (found ScheduleState, ok bool, err error) {
	want := schedule.Tag{Migration: o.migration.ID, Row: e.Row}
	_, err = o.listSchedules(ctx, ScheduleFilter{Customer: e.Customer}, allPages, func(s ScheduleState) error {
		if tag, tagged := schedule.ParseTag(s.Metadata); !tagged || tag != want {
			return nil
		}
		current := s.Status != StatusCanceled || s.Created.Time().After(e.IntendedAt.Time().Add(-skew))
		if current && (!ok || found.Status == StatusCanceled) {
			found, ok = s, true
		}
		return nil
	})
	return found, ok, err
}

// rowOf returns the row that a schedule or a subscription with this metadata was made for, if this migration made it.
func (o *operation) rowOf(metadata map[string]string) (int64, bool) {
	tag, ok := schedule.ParseTag(metadata)
	return tag.Row, ok && tag.Migration == o.migration.ID
}

// allPages is for lists that are walked to their end.
const allPages = math.MaxInt64

// listSchedules shows the schedules that match the filter to see, page by page and at most so many pages, until it
// returns an error. It returns true when the list has been walked to its end. A customer who does not exist has none.
func (o *operation) listSchedules(ctx context.Context, f ScheduleFilter, most int64, see func(ScheduleState) error) (bool, error) {
	return pages(most, func(after string) ([]ScheduleState, bool, error) {
		f.After = after
		page, err := send(ctx, o.requester, reading, func() (SchedulePage, error) { return o.m.gateway.Schedules(ctx, f) })
		return page.Schedules, page.More, ofCustomer(f.Customer, err)
	}, func(s ScheduleState) string { return s.ID }, see)
}

// listSubscriptions shows subscriptions that are not canceled, as listSchedules does with schedules.
func (o *operation) listSubscriptions(ctx context.Context, f SubscriptionFilter, most int64, see func(SubscriptionState) error) (bool, error) {
	return pages(most, func(after string) ([]SubscriptionState, bool, error) {
		f.After = after
		page, err := send(ctx, o.requester, reading, func() (SubscriptionPage, error) { return o.m.gateway.Subscriptions(ctx, f) })
		return page.Subscriptions, page.More, ofCustomer(f.Customer, err)
	}, func(s SubscriptionState) string { return s.ID }, see)
}

// ofCustomer takes it for an empty list that a customer does not exist.
func ofCustomer(customer string, err error) error {
	if failure := asStripeError(err); failure != nil && customer != "" && failure.missing() {
		return nil
	}
	return err
}

// pages shows what a list holds, page by page and at most so many pages. ask returns the page after an ID, and whether
// another one follows. It returns true when the list has been walked to its end.
func pages[T any](most int64, ask func(after string) ([]T, bool, error), id func(T) string, see func(T) error) (bool, error) {
	after := ""
	for range most {
		page, more, err := ask(after)
		if err != nil {
			return false, err
		}
		for _, one := range page {
			if err := see(one); err != nil {
				return false, err
			}
		}
		if !more || len(page) == 0 {
			return true, nil
		}
		after = id(page[len(page)-1])
	}
	return false, nil
}
