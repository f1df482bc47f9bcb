package engine

import (
	"github.com/subferry/subferry/migrate/sandbox/internal/object"
	"github.com/subferry/subferry/migrate/sandbox/internal/store"
)

// StartSubscription begins a subscription: a trial that charges nothing, or the first
// period. oneOffs are charged with it. It returns the first invoice, a draft
// unless there is nothing to pay; nil for a first period that ends at an anchor
// and is free because nothing is prorated: unlike a trial, it has no invoice.
func StartSubscription(t *store.Tx, sub *object.Subscription, oneOffs []*object.InvoiceLine) *object.Invoice {
	var lines []*object.InvoiceLine
	sub.CurrentPeriodStart = t.Now
	if int64(sub.TrialEnd) > t.Now {
		sub.Status = object.SubscriptionTrialing
		sub.TrialStart = object.Stamp(t.Now)
		sub.CurrentPeriodEnd = int64(sub.TrialEnd)
		for _, item := range sub.Items.Data {
			one := newLine(t, sub, item, object.Period{Start: t.Now, End: sub.CurrentPeriodEnd})
			one.Description = object.Text("Trial period for " + productName(t, item.Price))
			lines = append(lines, one)
		}
	} else {
		sub.Status = object.SubscriptionActive
		s := spanFrom(sub, t.Now)
		sub.CurrentPeriodEnd = s.End
		prorate := t.Unprorated.Get(sub.ID) == nil
		if s.cut() && !prorate && len(oneOffs) == 0 {
			t.Subscriptions.Put(sub)
			store.Emit(t, "customer.subscription.created", sub)
			return nil
		}
		lines = periodLines(t, sub, s, prorate)
	}
	t.Subscriptions.Put(sub)
	inv := makeInvoice(t, sub, reasonCreate, append(lines, oneOffs...), object.Period{Start: t.Now, End: t.Now})
	store.Emit(t, "customer.subscription.created", sub)
	if inv.Total == 0 {
		Finalize(t, inv)
	}
	return inv
}

// stepSubscription does what a subscription's clock says: it expires, ends, or renews.
func stepSubscription(t *store.Tx, sub *object.Subscription) {
	switch {
	case sub.Status == object.SubscriptionIncomplete:
		sub.Status = object.SubscriptionIncompleteExpired
		sub.EndedAt = object.Stamp(t.Now)
		store.Emit(t, "customer.subscription.updated", sub)
		// Nobody will pay for a subscription that never began.
		if inv := t.Invoices.Get(string(sub.LatestInvoice)); inv != nil && inv.Status == object.InvoiceOpen {
			inv = t.Invoices.Edit(inv.ID)
			inv.Status, inv.NextPaymentAttempt = object.InvoiceVoid, 0
			inv.StatusTransitions.VoidedAt = object.Stamp(t.Now)
			store.Emit(t, "invoice.voided", inv)
		}
	case sub.Status == object.SubscriptionPaused: // a trial that ended without a payment method; nothing is billed
		sub.CurrentPeriodStart, sub.CurrentPeriodEnd = t.Now, spanFrom(sub, t.Now).End
	case sub.CancelAtPeriodEnd || sub.CancelAt != 0 && int64(sub.CancelAt) <= t.Now:
		endWithUsage(t, sub)
	default:
		renew(t, sub, reasonCycle)
	}
}

// renew begins the period after the current one and makes its invoice. What was cut short by the end of a trial is
// prorated if the subscription says so.
func renew(t *store.Tx, sub *object.Subscription, reason string) *object.Invoice {
	before := object.Period{Start: sub.CurrentPeriodStart, End: t.Now}
	s := spanFrom(sub, t.Now)
	lines := periodLines(t, sub, s, t.Unprorated.Get(sub.ID) == nil)
	if sub.Status == object.SubscriptionTrialing {
		sub.Status = object.SubscriptionActive
	}
	sub.CurrentPeriodStart, sub.CurrentPeriodEnd = t.Now, s.End
	if sub.PauseCollection != nil && !sub.PausedAt(t.Now) {
		sub.PauseCollection = nil // its time is over
	}
	inv := makeInvoice(t, sub, reason, lines, before)
	uncollected(t, sub, inv)
	store.Emit(t, "customer.subscription.updated", sub)
	return inv
}

// uncollected does with a new invoice what its subscription says that is not collected from: paused, or unpaid for so
// long that Stripe has given up.
func uncollected(t *store.Tx, sub *object.Subscription, inv *object.Invoice) {
	switch {
	case !sub.PausedAt(t.Now) && sub.Status != object.SubscriptionUnpaid:
		return
	case !sub.PausedAt(t.Now) || sub.PauseCollection.Behavior == "keep_as_draft":
	case sub.PauseCollection.Behavior == "void":
		inv.Status = object.InvoiceVoid
		inv.StatusTransitions.VoidedAt = object.Stamp(t.Now)
		store.Emit(t, "invoice.voided", inv)
	default:
		closeDraft(t, inv)
		inv.Status = object.InvoiceUncollectible
		inv.StatusTransitions.MarkedUncollectibleAt = object.Stamp(t.Now)
		store.Emit(t, "invoice.marked_uncollectible", inv)
	}
	inv.AutoAdvance, inv.NextPaymentAttempt = false, 0
}

// Ending says what becomes of the current period of a subscription that ends.
type Ending struct {
	Prorate    bool // the unused time is credited
	InvoiceNow bool // an invoice takes up what is pending
}

// EndSubscription cancels a subscription now. Its drafts stay drafts, as Stripe leaves them.
func EndSubscription(t *store.Tx, sub *object.Subscription, ending Ending) {
	if ending.Prorate {
		addPending(t, sub, Credits(t, sub, sub.Items.Data))
	}
	if ending.InvoiceNow {
		if lines := takePending(t, sub, sub.ID); len(lines) > 0 {
			Finalize(t, makeInvoice(t, sub, reasonUpdate, lines, object.Period{Start: sub.CurrentPeriodStart, End: t.Now}))
		}
	}
	sub.Status = object.SubscriptionCanceled
	sub.EndedAt = object.Stamp(t.Now)
	if sub.CanceledAt == 0 {
		sub.CanceledAt = object.Stamp(t.Now)
	}
	sub.CancellationDetails.Reason = "cancellation_requested"
	for _, inv := range t.Store.Invoices.Of(sub.Customer) {
		if inv.Subscription == object.Text(sub.ID) && t.Invoices.Get(inv.ID).Status == object.InvoiceDraft {
			t.Invoices.Edit(inv.ID).AutoAdvance = false
		}
	}
	store.Emit(t, "customer.subscription.deleted", sub)
}

// endWithUsage ends a subscription and invoices the usage of its last period, which no invoice holds yet, and what waits
// for its next invoice. Usage during a trial costs nothing.
func endWithUsage(t *store.Tx, sub *object.Subscription) {
	trial := inTrial(t, sub)
	EndSubscription(t, sub, Ending{})
	var lines []*object.InvoiceLine
	for _, item := range sub.Items.Data {
		if item.Price.Metered() && !trial {
			lines = append(lines, periodLine(t, sub, item, span{Period: object.Period{Start: t.Now, End: t.Now}}, false))
		}
	}
	if lines = append(lines, takePending(t, sub, sub.ID)...); len(lines) > 0 {
		makeInvoice(t, sub, reasonCycle, lines, object.Period{Start: sub.CurrentPeriodStart, End: t.Now})
	}
}

// inTrial tells whether the time up to now was a trial. The status does not: a one-off that could not be paid makes a
// subscription past due in the middle of its trial.
func inTrial(t *store.Tx, sub *object.Subscription) bool { return int64(sub.TrialEnd) >= t.Now }
