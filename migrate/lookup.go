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

// read asks how what a row has become stands now.
func (o *operation) read(ctx context.Context, k rowKind, id string) (made, error) {
	return send(ctx, o.requester, reading, func() (made, error) { return k.read(ctx, o.m.gateway, id) })
}

// find searches what a customer has for what was made for a row: a schedule, or a direct subscription, whichever of the two
// the row is to become here. Somebody else may have run the file with other options. What was canceled counts only when it
// was made since the row was last begun: older ones belong to a migration that was canceled.
//
// Schedules come first: the subscription of one that has ended does not name it any more, and looks like a direct one.
func (o *operation) find(ctx context.Context, e ledger.Entry) (found made, ok bool, err error) {
	for _, k := range [...]rowKind{schedules{}, subscriptions{}} {
		_, err = pages(allPages, func(after string) (page []made, more bool, err error) {
			_, err = send(ctx, o.requester, reading, func() (struct{}, error) {
				page, more, err = k.page(ctx, o.m.gateway, e.Customer, after)
				return struct{}{}, err
			})
			return page, more, ofCustomer(e.Customer, err)
		}, func(m made) string { return m.id }, func(m made) error {
			if row, mine := o.rowOf(m.metadata); !mine || row != e.Row || m.governed {
				return nil
			}
			current := !m.gone() || m.created.Time().After(e.IntendedAt.Time().Add(-skew))
			if current && (!ok || found.gone()) {
				found, ok = m, true
			}
			return nil
		})
		if err != nil || ok && !found.gone() {
			break
		}
	}
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

// listSubscriptions shows the subscriptions that match the filter, as listSchedules does with schedules.
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
