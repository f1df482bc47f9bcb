package sandbox

import (
	"slices"

	"github.com/subferry/subferry/migrate/sandbox/internal/object"
)

// stepSchedule starts a schedule, or ends its current phase.
func (t *tx) stepSchedule(o *object.Schedule) {
	if o.Status == object.ScheduleNotStarted {
		t.startSchedule(o)
		return
	}
	next := t.phaseAfter(o)
	switch {
	case next != nil:
		t.enterPhase(o, next)
	case o.EndBehavior == "cancel":
		t.complete(o)
	default:
		t.release(o)
	}
}

// phaseAfter is the phase that begins where the current one ends, nil when
// that was the last.
func (t *tx) phaseAfter(o *object.Schedule) *object.Phase {
	for i := range o.Phases {
		if o.Phases[i].StartDate == o.CurrentPhase.EndDate {
			return &o.Phases[i]
		}
	}
	return nil
}

// complete ends a schedule and its subscription.
func (t *tx) complete(o *object.Schedule) {
	o.Status = object.ScheduleCompleted
	o.CompletedAt = object.Stamp(t.now)
	o.CurrentPhase = nil
	if sub := t.subscriptions.edit(string(o.Subscription)); sub != nil && !ended(sub) {
		t.endWithUsage(sub)
	}
	emit(t, "subscription_schedule.completed", o)
}

// startSchedule enters the first phase: the subscription comes into being. Its
// first invoice is a draft for an hour.
func (t *tx) startSchedule(o *object.Schedule) {
	phase := &o.Phases[0]
	sub := t.newSubscription(o, phase)
	o.Status = object.ScheduleActive
	o.CurrentPhase = &object.CurrentPhase{StartDate: phase.StartDate, EndDate: phase.EndDate}
	o.Subscription = object.Text(sub.ID)
	sub.CancelAt = scheduledEnd(o)
	t.discount(sub, phase.Coupon)
	t.start(sub, true, t.oneOffLines(sub, phase.AddInvoiceItems))
	emit(t, "subscription_schedule.updated", o)
}

// scheduledEnd is when a schedule ends its subscription; 0 when it does not.
// The subscription shows it as cancel_at, although the schedule does it.
func scheduledEnd(o *object.Schedule) object.Stamp {
	if o.EndBehavior != "cancel" {
		return 0
	}
	return object.Stamp(o.Phases[len(o.Phases)-1].EndDate)
}

// newSubscription is what a phase describes, at the phase's start.
func (t *tx) newSubscription(o *object.Schedule, phase *object.Phase) *object.Subscription {
	sub := blankSubscription(t.state.ids.next("sub"), o.Customer, t.now)
	sub.Currency = phase.Currency
	sub.Schedule = object.Text(o.ID)
	sub.TestClock = o.TestClock
	sub.TrialEnd = phase.TrialEnd
	if phase.TrialEnd != 0 {
		sub.BillingCycleAnchor = int64(phase.TrialEnd)
	}
	sub.Items = t.phaseItemsOf(sub, phase)
	t.phaseSettings(sub, o, phase)
	return sub
}

func blankSubscription(id, customer string, now int64) *object.Subscription {
	return &object.Subscription{
		ID:                 id,
		Object:             "subscription",
		BillingCycleAnchor: now,
		CollectionMethod:   "charge_automatically",
		Created:            now,
		Customer:           customer,
		Items:              object.List[*object.SubscriptionItem]{Object: "list", URL: "/v1/subscription_items?subscription=" + id},
		PaymentSettings:    object.SubscriptionPayment{SaveDefaultPaymentMethod: "off"},
		StartDate:          now,
		TrialSettings:      object.TrialSettings{EndBehavior: object.TrialEndBehavior{MissingPaymentMethod: "create_invoice"}},
	}
}

// phaseSettings gives a subscription what a phase says, and the schedule's
// defaults where the phase says nothing.
func (t *tx) phaseSettings(sub *object.Subscription, o *object.Schedule, phase *object.Phase) {
	d := &o.DefaultSettings
	sub.AutomaticTax = *phase.AutomaticTax
	sub.CollectionMethod = string(first(phase.CollectionMethod, d.CollectionMethod))
	sub.DefaultPaymentMethod = first(phase.DefaultPaymentMethod, d.DefaultPaymentMethod)
	sub.Description = first(phase.Description, d.Description)
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

func first(texts ...object.Text) object.Text {
	for _, one := range texts {
		if one != "" {
			return one
		}
	}
	return ""
}

// phaseItemsOf are a phase's items for a subscription. An item that does not
// change is the same one; one whose price the subscription has keeps its ID.
func (t *tx) phaseItemsOf(sub *object.Subscription, phase *object.Phase) object.List[*object.SubscriptionItem] {
	items := sub.Items
	items.Data = nil
	for _, one := range phase.Items {
		had := itemFor(sub, one.Price)
		item := &object.SubscriptionItem{
			Object:       "subscription_item",
			Created:      t.now,
			Metadata:     one.Metadata,
			Price:        t.prices.get(one.Price),
			Quantity:     one.Quantity,
			Subscription: sub.ID,
			TaxRates:     one.TaxRates,
		}
		switch {
		case had == nil:
			item.ID = t.state.ids.short("si")
		case quantityOf(had.Quantity) == quantityOf(one.Quantity) && slices.EqualFunc(had.TaxRates, one.TaxRates, sameRate) && slices.Equal(had.Metadata, one.Metadata):
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
