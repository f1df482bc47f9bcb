package api

import (
	"slices"

	"github.com/subferry/subferry/migrate/sandbox/internal/apierr"
	"github.com/subferry/subferry/migrate/sandbox/internal/engine"
	"github.com/subferry/subferry/migrate/sandbox/internal/form"
	"github.com/subferry/subferry/migrate/sandbox/internal/object"
)

// prorationUnknown refuses a proration under a coupon with amount_off: what such a coupon took off a part of a period
// is not known to us.
func prorationUnknown(param, instead string) error {
	return apierr.Invalid(param, "The sandbox does not imitate prorations under a coupon with amount_off. Use %s.", instead)
}

// creditable refuses to credit the rest of a period under an amount off. The subscription may be nil, as that of a
// schedule that has not started.
func (c *call) creditable(sub *object.Subscription, prorate bool) error {
	if prorate && sub != nil && !sub.Ended() && engine.ProratesUnderAmountOff(c.tx, sub) {
		return prorationUnknown("prorate", "prorate=false")
	}
	return nil
}

// phaseProration refuses a phase that changes items in the middle of a billing period while it or the phase before it
// has an amount off.
func (c *call) phaseProration(before []object.Phase, phase *object.Phase, p *form.Node, defaults *object.ScheduleDefaults, customer string) error {
	if len(before) == 0 || phase.ProrationBehavior == "none" {
		return nil
	}
	last := &before[len(before)-1]
	if !c.amountOff(last.Coupon, customer) && !c.amountOff(phase.Coupon, customer) || slices.EqualFunc(last.Items, phase.Items, sameItem) {
		return nil
	}
	if interval := engine.PhaseInterval(c.tx, last); interval.Next(c.phaseAnchor(before, defaults), phase.StartDate-1) == phase.StartDate {
		return nil
	}
	return prorationUnknown(p.PathOf("proration_behavior"), "proration_behavior=none")
}

// amountOff tells whether a phase's coupon, or for want of one the customer's discount, takes an amount off.
func (c *call) amountOff(coupon object.Text, customer string) bool {
	if o := c.tx.Coupons.Get(string(coupon)); o != nil {
		return o.AmountOff != nil
	}
	d := c.tx.Customers.Get(customer).Discount
	return d != nil && d.Coupon.AmountOff != nil
}

func sameItem(a, b object.PhaseItem) bool {
	return a.Price == b.Price && object.Quantity(a.Quantity) == object.Quantity(b.Quantity)
}

// phaseAnchor is the billing anchor in the last of some phases.
func (c *call) phaseAnchor(phases []object.Phase, defaults *object.ScheduleDefaults) int64 {
	anchor := max(phases[0].StartDate, int64(phases[0].TrialEnd))
	for i := range phases[1:] {
		before, phase := &phases[i], &phases[i+1]
		if engine.PhaseAnchor(phase, defaults) == "phase_start" || engine.PhaseInterval(c.tx, before) != engine.PhaseInterval(c.tx, phase) {
			anchor = phase.StartDate
		}
	}
	return anchor
}
