package sandbox

import "github.com/subferry/subferry/migrate/sandbox/internal/object"

// previewStart starts a schedule at its time and returns its first invoice. The transaction is not to be committed.
func (t *tx) previewStart(schedule string) *object.Invoice {
	o := t.schedules.edit(schedule)
	t.now = o.Due()
	t.startSchedule(o)
	return t.invoices.changed[0]
}

// previewSubscription runs what is due for a subscription until an invoice comes of it, and returns that; nil when none
// will. Its schedule goes first where both are due. The transaction is not to be committed.
func (t *tx) previewSubscription(id string) *object.Invoice {
	for len(t.invoices.changed) == 0 {
		o := t.subscriptions.get(id)
		schedule := t.schedules.get(string(o.Schedule))
		switch at, other := o.Due(), schedule.Due(); {
		case at == 0 || o.Status == object.SubscriptionIncomplete:
			return nil
		case other != 0 && other <= at:
			t.now = other
			t.stepSchedule(t.schedules.edit(schedule.ID))
		default:
			t.now = at
			t.stepSubscription(t.subscriptions.edit(id))
		}
	}
	return t.invoices.changed[0]
}
