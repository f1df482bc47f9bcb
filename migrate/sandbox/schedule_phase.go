package sandbox

import (
	"github.com/subferry/subferry/migrate/sandbox/internal/billing"
	"github.com/subferry/subferry/migrate/sandbox/internal/object"
)

// enterPhase moves a running schedule to its next phase. When the phase begins
// with a billing period, the renewal that is due at the same second bills the
// new items; otherwise the change is prorated as the phase says.
func (t *tx) enterPhase(o *object.Schedule, phase *object.Phase) {
	o.CurrentPhase = &object.CurrentPhase{StartDate: phase.StartDate, EndDate: phase.EndDate}
	sub := t.subscriptions.edit(string(o.Subscription))
	if sub == nil || ended(sub) {
		t.release(o)
		return
	}
	t.pend(sub, t.oneOffLines(sub, phase.AddInvoiceItems))
	t.applyPhase(sub, o, phase, phase.Coupon, phase.ProrationBehavior)
	emit(t, "subscription_schedule.updated", o)
}

// applyPhase gives a subscription what a phase says, with this coupon, and
// prorates the items that change in the middle of a billing period.
func (t *tx) applyPhase(sub *object.Subscription, o *object.Schedule, phase *object.Phase, coupon object.Text, behavior string) {
	atBoundary := t.now >= sub.CurrentPeriodEnd
	before, after := sub.Items.Data, t.phaseItemsOf(sub, phase)
	restart := subscriptionInterval(sub) != t.phaseInterval(phase) || anchorOf(phase, &o.DefaultSettings) == "phase_start" && t.now == phase.StartDate
	gone := difference(before, after.Data)
	if restart {
		gone = before
	}
	credits := t.credits(sub, gone)
	come := difference(after.Data, before)
	sub.Items = after
	t.phaseSettings(sub, o, phase)
	t.changeDiscount(sub, coupon)
	if restart {
		t.restart(sub, behavior, credits, atBoundary)
	} else if !atBoundary && behavior != "none" {
		t.prorate(sub, append(credits, t.debits(sub, come)...), behavior)
	}
	emit(t, "customer.subscription.updated", sub)
}

// anchorOf is what a phase says of the billing anchor, or else the schedule's
// default.
func anchorOf(phase *object.Phase, defaults *object.ScheduleDefaults) object.Text {
	return first(phase.BillingCycleAnchor, object.Text(defaults.BillingCycleAnchor))
}

func (t *tx) phaseInterval(phase *object.Phase) billing.Interval {
	return intervalOf(t.prices.get(phase.Items[0].Price))
}

// changeDiscount replaces the discount when the phase names another coupon.
func (t *tx) changeDiscount(sub *object.Subscription, coupon object.Text) {
	if coupon != couponOn(sub) || coupon == "" {
		t.discount(sub, coupon)
	}
}

// couponOn is the coupon that a subscription has, "" for none.
func couponOn(sub *object.Subscription) object.Text {
	if sub.Discount == nil {
		return ""
	}
	return object.Text(sub.Discount.Coupon.ID)
}

// restart begins a new cycle now and bills it, with the rest of the old period
// credited.
func (t *tx) restart(sub *object.Subscription, behavior string, credits []*object.InvoiceLine, atBoundary bool) {
	if !atBoundary && behavior != "none" {
		t.pend(sub, credits)
	}
	sub.BillingCycleAnchor = t.now
	if !atBoundary {
		t.renew(sub, reasonUpdate)
	}
}

// prorate puts prorations on an invoice now, or on the next one.
func (t *tx) prorate(sub *object.Subscription, lines []*object.InvoiceLine, behavior string) {
	if behavior == "always_invoice" && len(lines) > 0 {
		t.finalize(t.invoice(sub, reasonUpdate, lines, object.Period{Start: t.now, End: t.now}))
		return
	}
	t.pend(sub, lines)
}
