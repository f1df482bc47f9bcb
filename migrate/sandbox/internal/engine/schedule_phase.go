package engine

import (
	"cmp"
	"slices"

	"github.com/subferry/subferry/migrate/sandbox/internal/billing"
	"github.com/subferry/subferry/migrate/sandbox/internal/object"
	"github.com/subferry/subferry/migrate/sandbox/internal/store"
)

// ApplyPhase gives a subscription what a phase says, with this coupon, and prorates the items that change in the middle
// of a billing period. When the phase begins with a period, the renewal that is due at the same second bills the new
// items.
func ApplyPhase(t *store.Tx, sub *object.Subscription, o *object.Schedule, phase *object.Phase, coupon object.Text, behavior string) {
	atBoundary := t.Now >= sub.CurrentPeriodEnd
	before, after := sub.Items.Data, PhaseItems(t, sub, phase)
	restart := SubscriptionInterval(sub) != PhaseInterval(t, phase) || PhaseAnchor(phase, &o.DefaultSettings) == "phase_start" && t.Now == phase.StartDate
	gone := ItemsNotIn(before, after.Data)
	if restart {
		gone = before
	}
	credits := Credits(t, sub, gone)
	come := ItemsNotIn(after.Data, before)
	sub.Items = after
	phaseSettings(t, sub, o, phase)
	if coupon != CouponOn(sub) || coupon == "" {
		GiveDiscount(t, sub, coupon)
	}
	prorated := !atBoundary && behavior != "none"
	switch {
	case restart: // a new cycle begins now and is billed, with the rest of the old period credited
		if prorated {
			addPending(t, sub, credits)
		}
		sub.BillingCycleAnchor = t.Now
		if !atBoundary {
			renew(t, sub, reasonUpdate)
		}
	case prorated:
		BillProrations(t, sub, append(credits, Debits(t, sub, come)...), behavior)
	}
	store.Emit(t, "customer.subscription.updated", sub)
}

// PhaseAnchor is what a phase says of the billing anchor, or else the schedule's default.
func PhaseAnchor(phase *object.Phase, defaults *object.ScheduleDefaults) object.Text {
	return cmp.Or(phase.BillingCycleAnchor, object.Text(defaults.BillingCycleAnchor))
}

// PhaseInterval is how often a phase is billed.
func PhaseInterval(t *store.Tx, phase *object.Phase) billing.Interval {
	return IntervalOf(t.Prices.Get(phase.Items[0].Price))
}

// CouponOn is the coupon that a subscription has, "" for none.
func CouponOn(sub *object.Subscription) object.Text {
	if sub.Discount == nil {
		return ""
	}
	return object.Text(sub.Discount.Coupon.ID)
}

// BillProrations puts prorations on an invoice now, or on the next one.
func BillProrations(t *store.Tx, sub *object.Subscription, lines []*object.InvoiceLine, behavior string) {
	if behavior == "always_invoice" && len(lines) > 0 {
		Finalize(t, makeInvoice(t, sub, reasonUpdate, lines, object.Period{Start: t.Now, End: t.Now}))
		return
	}
	addPending(t, sub, lines)
}

// ItemsNotIn are the items of a list that are not in another, unchanged.
func ItemsNotIn(items, other []*object.SubscriptionItem) []*object.SubscriptionItem {
	var found []*object.SubscriptionItem
	for _, item := range items {
		if !slices.Contains(other, item) {
			found = append(found, item)
		}
	}
	return found
}
