package sandbox

import (
	"github.com/subferry/subferry/migrate/sandbox/internal/object"
)

// start begins a subscription: a trial that charges nothing, or the first
// period. oneOffs are charged with it. It returns the first invoice, a draft
// unless there is nothing to pay.
func (t *tx) start(sub *object.Subscription, prorate bool, oneOffs []*object.InvoiceLine) *object.Invoice {
	var lines []*object.InvoiceLine
	sub.CurrentPeriodStart = t.now
	if int64(sub.TrialEnd) > t.now {
		sub.Status = object.SubscriptionTrialing
		sub.TrialStart = object.Stamp(t.now)
		sub.CurrentPeriodEnd = int64(sub.TrialEnd)
		lines = t.trialLines(sub, object.Period{Start: t.now, End: sub.CurrentPeriodEnd})
	} else {
		sub.Status = object.SubscriptionActive
		s := spanFrom(sub, t.now)
		sub.CurrentPeriodEnd = s.End
		lines = t.periodLines(sub, s, prorate)
	}
	t.subscriptions.put(sub)
	inv := t.invoice(sub, reasonCreate, append(lines, oneOffs...), object.Period{Start: t.now, End: t.now})
	emit(t, "customer.subscription.created", sub)
	if inv.Total == 0 {
		t.finalize(inv)
	}
	return inv
}

// stepSubscription does what a subscription's clock says: it expires, ends,
// or renews.
func (t *tx) stepSubscription(sub *object.Subscription) {
	switch {
	case sub.Status == object.SubscriptionIncomplete:
		sub.Status = object.SubscriptionIncompleteExpired
		sub.EndedAt = object.Stamp(t.now)
		emit(t, "customer.subscription.updated", sub)
		t.voidOpen(sub.LatestInvoice)
	case sub.CancelAtPeriodEnd || sub.CancelAt != 0 && int64(sub.CancelAt) <= t.now:
		t.endWithUsage(sub)
	default:
		t.renew(sub, reasonCycle)
	}
}

// renew begins the period after the current one and makes its invoice. What
// was cut short by the end of a trial is prorated if the subscription says so.
func (t *tx) renew(sub *object.Subscription, reason string) *object.Invoice {
	before := object.Period{Start: sub.CurrentPeriodStart, End: t.now}
	s := spanFrom(sub, t.now)
	lines := t.periodLines(sub, s, t.unprorated.get(sub.ID) == nil)
	if sub.Status == object.SubscriptionTrialing {
		sub.Status = object.SubscriptionActive
	}
	sub.CurrentPeriodStart, sub.CurrentPeriodEnd = t.now, s.End
	inv := t.invoice(sub, reason, lines, before)
	emit(t, "customer.subscription.updated", sub)
	return inv
}

// endSubscription cancels a subscription now. Its drafts stay drafts, as
// Stripe leaves them.
func (t *tx) endSubscription(sub *object.Subscription, reason string) {
	sub.Status = object.SubscriptionCanceled
	sub.EndedAt = object.Stamp(t.now)
	if sub.CanceledAt == 0 {
		sub.CanceledAt = object.Stamp(t.now)
	}
	sub.CancellationDetails.Reason = object.Text(reason)
	for _, inv := range t.state.invoices.of(sub.Customer) {
		if inv.Subscription == object.Text(sub.ID) && t.invoices.get(inv.ID).Status == object.InvoiceDraft {
			t.invoices.edit(inv.ID).AutoAdvance = false
		}
	}
	emit(t, "customer.subscription.deleted", sub)
}

// endWithUsage ends a subscription and invoices the usage of its last period,
// which no invoice holds yet. Usage during a trial costs nothing.
func (t *tx) endWithUsage(sub *object.Subscription) {
	trial := t.inTrial(sub)
	t.endSubscription(sub, "cancellation_requested")
	var lines []*object.InvoiceLine
	for _, item := range sub.Items.Data {
		if metered(item.Price) && !trial {
			lines = append(lines, t.periodLine(sub, item, span{Period: object.Period{Start: t.now, End: t.now}}, false))
		}
	}
	if len(lines) > 0 {
		t.invoice(sub, reasonCycle, lines, object.Period{Start: sub.CurrentPeriodStart, End: t.now})
	}
}

// inTrial tells whether the time up to now was a trial. The status does not: a one-off that could not be paid makes a
// subscription past due in the middle of its trial.
func (t *tx) inTrial(sub *object.Subscription) bool { return int64(sub.TrialEnd) >= t.now }

// settle is the end of a subscription with prorate and invoice_now: the unused
// time is credited, and an invoice takes up what is pending.
func (t *tx) settle(sub *object.Subscription, prorate, invoiceNow bool) {
	if prorate {
		t.pend(sub, t.credits(sub, sub.Items.Data))
	}
	if invoiceNow {
		if lines := t.takePending(sub.ID); len(lines) > 0 {
			t.finalize(t.invoice(sub, reasonUpdate, lines, object.Period{Start: sub.CurrentPeriodStart, End: t.now}))
		}
	}
}

func ended(o *object.Subscription) bool {
	return o.Status == object.SubscriptionCanceled || o.Status == object.SubscriptionIncompleteExpired
}
