package engine

import (
	"github.com/subferry/subferry/migrate/sandbox/internal/object"
	"github.com/subferry/subferry/migrate/sandbox/internal/store"
)

// PreviewSchedule starts a schedule at its time and returns its first invoice. The transaction is not to be committed.
func PreviewSchedule(t *store.Tx, schedule string) *object.Invoice {
	o := t.Schedules.Edit(schedule)
	t.Now = o.Due()
	StartSchedule(t, o)
	return t.Invoices.Changed[0]
}

// PreviewSubscription runs what is due for a subscription until an invoice comes of it, and returns that; nil when none
// will. Its schedule goes first where both are due. The transaction is not to be committed.
func PreviewSubscription(t *store.Tx, id string) *object.Invoice {
	for len(t.Invoices.Changed) == 0 {
		o := t.Subscriptions.Get(id)
		schedule := t.Schedules.Get(string(o.Schedule))
		switch at, other := o.Due(), schedule.Due(); {
		case at == 0 || o.Status == object.SubscriptionIncomplete:
			return nil
		case other != 0 && other <= at:
			t.Now = other
			stepSchedule(t, t.Schedules.Edit(schedule.ID))
		default:
			t.Now = at
			stepSubscription(t, t.Subscriptions.Edit(id))
		}
	}
	return t.Invoices.Changed[0]
}
