package engine

import (
	"cmp"
	"slices"

	"github.com/subferry/subferry/migrate/sandbox/internal/object"
	"github.com/subferry/subferry/migrate/sandbox/internal/store"
)

// stepSchedule starts a schedule, or ends its current phase.
func stepSchedule(t *store.Tx, o *object.Schedule) {
	if o.Status == object.ScheduleNotStarted {
		StartSchedule(t, o)
		return
	}
	next := phaseAfter(t, o)
	switch {
	case next != nil:
		enterPhase(t, o, next)
	case o.EndBehavior == "cancel":
		completeSchedule(t, o)
	default:
		ReleaseSchedule(t, o)
	}
}

// phaseAfter is the phase that begins where the current one ends, nil when
// that was the last.
func phaseAfter(t *store.Tx, o *object.Schedule) *object.Phase {
	for i := range o.Phases {
		if o.Phases[i].StartDate == o.CurrentPhase.EndDate {
			return &o.Phases[i]
		}
	}
	return nil
}

// StartSchedule enters the first phase: the subscription comes into being. Its
// first invoice is a draft for an hour.
func StartSchedule(t *store.Tx, o *object.Schedule) {
	phase := &o.Phases[0]
	sub := newSubscription(t, o, phase)
	o.Status = object.ScheduleActive
	o.CurrentPhase = &object.CurrentPhase{StartDate: phase.StartDate, EndDate: phase.EndDate}
	o.Subscription = object.Text(sub.ID)
	sub.CancelAt = ScheduledEnd(o)
	GiveDiscount(t, sub, phase.Coupon)
	StartSubscription(t, sub, OneOffLines(t, sub, phase.AddInvoiceItems))
	store.Emit(t, "subscription_schedule.updated", o)
}

// newSubscription is what a phase describes, at the phase's start.
func newSubscription(t *store.Tx, o *object.Schedule, phase *object.Phase) *object.Subscription {
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
	return sub
}

// phaseSettings gives a subscription what a phase says, and the schedule's
// defaults where the phase says nothing.
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

// PhaseItems are a phase's items for a subscription. An item that does not
// change is the same one; one whose price the subscription has keeps its ID.
func PhaseItems(t *store.Tx, sub *object.Subscription, phase *object.Phase) object.List[*object.SubscriptionItem] {
	items := sub.Items
	items.Data = nil
	for _, one := range phase.Items {
		had := itemFor(sub, one.Price)
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

func itemFor(sub *object.Subscription, price string) *object.SubscriptionItem {
	for _, item := range sub.Items.Data {
		if item.Price.ID == price {
			return item
		}
	}
	return nil
}

func sameRate(a, b *object.TaxRate) bool { return a.ID == b.ID }
