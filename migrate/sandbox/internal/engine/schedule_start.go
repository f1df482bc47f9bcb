package engine

import (
	"cmp"
	"slices"

	"github.com/subferry/subferry/migrate/sandbox/internal/object"
	"github.com/subferry/subferry/migrate/sandbox/internal/store"
)

// stepSchedule starts a schedule, or ends its current phase: the next one begins, or the schedule is over.
func stepSchedule(t *store.Tx, o *object.Schedule) {
	if o.Status == object.ScheduleNotStarted {
		StartSchedule(t, o)
		return
	}
	sub := t.Subscriptions.Edit(string(o.Subscription))
	running := sub != nil && !sub.Ended()
	next := slices.IndexFunc(o.Phases, func(p object.Phase) bool { return p.StartDate == o.CurrentPhase.EndDate })
	switch {
	case next >= 0 && running:
		phase := &o.Phases[next]
		o.CurrentPhase = &object.CurrentPhase{StartDate: phase.StartDate, EndDate: phase.EndDate}
		addPending(t, sub, OneOffLines(t, sub, phase.AddInvoiceItems))
		ApplyPhase(t, sub, o, phase, phase.Coupon, phase.ProrationBehavior)
		store.Emit(t, "subscription_schedule.updated", o)
	case next < 0 && o.EndBehavior == "cancel":
		o.Status = object.ScheduleCompleted
		o.CompletedAt = object.Stamp(t.Now)
		o.CurrentPhase = nil
		if running {
			endWithUsage(t, sub)
		}
		store.Emit(t, "subscription_schedule.completed", o)
	default:
		ReleaseSchedule(t, o)
	}
}

// StartSchedule enters the first phase: the subscription comes into being. Its first invoice is a draft for an hour.
func StartSchedule(t *store.Tx, o *object.Schedule) {
	phase := &o.Phases[0]
	sub := object.NewSubscription(t.Store.IDs.Next("sub"), o.Customer, t.Now)
	sub.Currency = phase.Currency
	sub.Schedule = object.Text(o.ID)
	sub.TestClock = o.TestClock
	sub.TrialEnd = phase.TrialEnd
	if phase.TrialEnd != 0 {
		sub.BillingCycleAnchor = int64(phase.TrialEnd)
	}
	sub.Items = PhaseItems(t, sub, phase)
	phaseSettings(t, sub, o, phase)
	o.Status = object.ScheduleActive
	o.CurrentPhase = &object.CurrentPhase{StartDate: phase.StartDate, EndDate: phase.EndDate}
	o.Subscription = object.Text(sub.ID)
	sub.CancelAt = ScheduledEnd(o)
	GiveDiscount(t, sub, phase.Coupon)
	StartSubscription(t, sub, OneOffLines(t, sub, phase.AddInvoiceItems))
	store.Emit(t, "subscription_schedule.updated", o)
}

// phaseSettings gives a subscription what a phase says, and the schedule's defaults where the phase says nothing.
func phaseSettings(t *store.Tx, sub *object.Subscription, o *object.Schedule, phase *object.Phase) {
	d := &o.DefaultSettings
	sub.AutomaticTax = *phase.AutomaticTax
	sub.CollectionMethod = string(cmp.Or(phase.CollectionMethod, d.CollectionMethod))
	sub.DefaultPaymentMethod = cmp.Or(phase.DefaultPaymentMethod, d.DefaultPaymentMethod)
	sub.Description = cmp.Or(phase.Description, d.Description)
	sub.DefaultTaxRates = phase.DefaultTaxRates
	sub.DaysUntilDue = nil
	if sub.CollectionMethod == "send_invoice" {
		sub.DaysUntilDue = d.InvoiceSettings.DaysUntilDue
		if phase.InvoiceSettings != nil {
			sub.DaysUntilDue = phase.InvoiceSettings.DaysUntilDue
		}
	}
	for _, pair := range phase.Metadata {
		sub.Metadata = sub.Metadata.With(pair.Key, pair.Value)
	}
}

// PhaseItems are a phase's items for a subscription. An item that does not change is the same one; one whose price the
// subscription has keeps its ID.
func PhaseItems(t *store.Tx, sub *object.Subscription, phase *object.Phase) object.List[*object.SubscriptionItem] {
	items := sub.Items
	items.Data = nil
	for _, one := range phase.Items {
		var had *object.SubscriptionItem
		if i := slices.IndexFunc(sub.Items.Data, func(item *object.SubscriptionItem) bool { return item.Price.ID == one.Price }); i >= 0 {
			had = sub.Items.Data[i]
		}
		item := &object.SubscriptionItem{
			Object:       "subscription_item",
			Created:      t.Now,
			Metadata:     one.Metadata,
			Price:        t.Prices.Get(one.Price),
			Quantity:     one.Quantity,
			Subscription: sub.ID,
			TaxRates:     one.TaxRates,
		}
		switch {
		case had == nil:
			item.ID = t.Store.IDs.Short("si")
		case object.Quantity(had.Quantity) == object.Quantity(one.Quantity) && slices.EqualFunc(had.TaxRates, one.TaxRates, sameRate) && slices.Equal(had.Metadata, one.Metadata):
			item = had
		default:
			item.ID, item.Created = had.ID, had.Created
		}
		items.Data = append(items.Data, item)
	}
	return items
}

func sameRate(a, b *object.TaxRate) bool { return a.ID == b.ID }
