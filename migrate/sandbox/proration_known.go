package sandbox

import (
	"slices"

	"github.com/subferry/subferry/migrate/sandbox/internal/apierr"
	"github.com/subferry/subferry/migrate/sandbox/internal/form"
	"github.com/subferry/subferry/migrate/sandbox/internal/object"
)

// prorationUnknown refuses a proration under a coupon with amount_off: what
// such a coupon took off a part of a period is not known to us.
func prorationUnknown(param, instead string) error {
	return apierr.Invalid(param, "The sandbox does not imitate prorations under a coupon with amount_off. Use %s.", instead)
}

// prorates tells whether changing or ending a subscription now would prorate
// under an amount off.
func (t *tx) prorates(sub *object.Subscription) bool {
	d := t.discountOf(sub, t.now)
	return d != nil && d.Coupon.AmountOff != nil && !t.inTrial(sub)
}

// creditable refuses to credit the rest of a period under an amount off. The
// subscription may be nil, as that of a schedule that has not started.
func (t *tx) creditable(sub *object.Subscription, prorate bool) error {
	if prorate && sub != nil && !ended(sub) && t.prorates(sub) {
		return prorationUnknown("prorate", "prorate=false")
	}
	return nil
}

// phaseProration refuses a phase that changes items in the middle of a billing
// period while it or the phase before it has an amount off.
func (t *tx) phaseProration(before []object.Phase, phase *object.Phase, p *form.Node, defaults *object.ScheduleDefaults, customer string) error {
	if len(before) == 0 || phase.ProrationBehavior == "none" {
		return nil
	}
	last := &before[len(before)-1]
	if !t.amountOff(last.Coupon, customer) && !t.amountOff(phase.Coupon, customer) || slices.EqualFunc(last.Items, phase.Items, sameItem) {
		return nil
	}
	if interval := t.phaseInterval(last); interval.Next(t.phaseAnchor(before, defaults), phase.StartDate-1) == phase.StartDate {
		return nil
	}
	return prorationUnknown(p.PathOf("proration_behavior"), "proration_behavior=none")
}

// amountOff tells whether a phase's coupon, or for want of one the customer's
// discount, takes an amount off.
func (t *tx) amountOff(coupon object.Text, customer string) bool {
	if o := t.coupons.get(string(coupon)); o != nil {
		return o.AmountOff != nil
	}
	d := t.customers.get(customer).Discount
	return d != nil && d.Coupon.AmountOff != nil
}

func sameItem(a, b object.PhaseItem) bool {
	return a.Price == b.Price && quantityOf(a.Quantity) == quantityOf(b.Quantity)
}

// phaseAnchor is the billing anchor in the last of some phases.
func (t *tx) phaseAnchor(phases []object.Phase, defaults *object.ScheduleDefaults) int64 {
	anchor := max(phases[0].StartDate, int64(phases[0].TrialEnd))
	for i := range phases[1:] {
		before, phase := &phases[i], &phases[i+1]
		if anchorOf(phase, defaults) == "phase_start" || t.phaseInterval(before) != t.phaseInterval(phase) {
			anchor = phase.StartDate
		}
	}
	return anchor
}
