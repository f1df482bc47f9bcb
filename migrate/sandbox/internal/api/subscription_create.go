package api

import (
	"github.com/subferry/subferry/migrate/sandbox/internal/apierr"
	"github.com/subferry/subferry/migrate/sandbox/internal/engine"
	"github.com/subferry/subferry/migrate/sandbox/internal/form"
	"github.com/subferry/subferry/migrate/sandbox/internal/object"
	"github.com/subferry/subferry/migrate/sandbox/internal/store"
)

func createSubscription(c *call) (any, error) {
	p := c.params
	customer, err := lookup(c, &c.tx.Customers, "customer", p.String("customer"), "customer")
	if err != nil {
		return nil, err
	}
	if currentSubscriptions(c.tx.Store, customer.ID) >= mostPerCustomer {
		return nil, apierr.Coded("customer_max_subscriptions", "customer", "Customer %s already has the maximum %d current subscriptions.", customer.ID, mostPerCustomer)
	}
	c.tx.EnterClock(customer.TestClock)
	if p.String("payment_behavior") == "pending_if_incomplete" {
		return nil, apierr.Invalid("payment_behavior", "`pending_if_incomplete` is for updates and cannot be passed when creating a subscription.")
	}
	if !p.Has("items") {
		return nil, apierr.Missing("items")
	}
	// What a phase and a subscription have in common is read as a phase.
	phase := &object.Phase{AutomaticTax: &object.AutomaticTax{Enabled: p.Get("automatic_tax").Bool("enabled")}}
	if err := taxable(customer, phase.AutomaticTax.Enabled); err != nil {
		return nil, err
	}
	_, chosen, err := c.phaseItems(phase, p, "")
	if err != nil {
		return nil, err
	}
	if err := c.oneCurrency(customer, phase.Currency, ""); err != nil {
		return nil, err
	}
	for _, read := range []func(*object.Phase, *form.Node) error{c.phaseTaxes, c.phaseCoupon} {
		if err := read(phase, p); err != nil {
			return nil, err
		}
	}
	if err := c.phaseInvoiceItems(phase, p, chosen); err != nil {
		return nil, err
	}
	sub := object.NewSubscription(c.tx.Store.IDs.Next("sub"), customer.ID, c.tx.Now)
	sub.Currency, sub.TestClock = phase.Currency, customer.TestClock
	sub.AutomaticTax, sub.DefaultTaxRates = *phase.AutomaticTax, phase.DefaultTaxRates
	sub.Items = engine.PhaseItems(c.tx, sub, phase)
	if err := c.subscriptionDates(sub); err != nil {
		return nil, err
	}
	if err := c.subscriptionSettings(sub); err != nil {
		return nil, err
	}
	return c.startSubscription(sub, phase)
}

// startSubscription bills the first period at once: unlike a schedule's, the first invoice of a subscription made by
// the API is no draft.
func (c *call) startSubscription(sub *object.Subscription, phase *object.Phase) (any, error) {
	p := c.params
	if p.String("proration_behavior") == "none" {
		c.tx.Unprorated.Put(&store.Marked{ID: sub.ID})
	}
	engine.GiveDiscount(c.tx, sub, phase.Coupon)
	inv := engine.StartSubscription(c.tx, sub, engine.OneOffLines(c.tx, sub, phase.AddInvoiceItems))
	if sub.CancelAtPeriodEnd {
		sub.CancelAt = object.Stamp(sub.CurrentPeriodEnd)
	}
	switch behavior := p.String("payment_behavior"); {
	case inv == nil:
	case inv.Status != object.InvoiceDraft:
	case behavior == "default_incomplete" && sub.CollectionMethod == "charge_automatically":
		engine.CloseIncomplete(c.tx, sub, inv)
	default:
		engine.Finalize(c.tx, inv)
	}
	if sub.Status == object.SubscriptionIncomplete && p.String("payment_behavior") == "error_if_incomplete" {
		return nil, apierr.Declined("generic_decline", "Your card was declined.")
	}
	return sub, nil
}

// backdate sets a start date in the past. Stripe would charge for the time since then unless proration_behavior is none.
func (c *call) backdate(sub *object.Subscription) error {
	p := c.params
	if !p.Has("backdate_start_date") {
		return nil
	}
	start, _ := p.Int("backdate_start_date")
	switch {
	case start >= c.tx.Now:
		return apierr.Invalid("backdate_start_date", "Invalid timestamp: backdate_start_date must be in the past.")
	case p.String("proration_behavior") != "none":
		return apierr.Invalid("backdate_start_date", "The sandbox does not imitate the charge for the time since backdate_start_date. Use proration_behavior=none.")
	}
	sub.StartDate = start
	return nil
}

// subscriptionDates sets start, trial, anchor and end.
func (c *call) subscriptionDates(sub *object.Subscription) error {
	p, now := c.params, c.tx.Now
	if err := c.backdate(sub); err != nil {
		return err
	}
	if p.Has("trial_period_days") && p.Has("trial_end") {
		return apierr.Coded("parameters_exclusive", "trial_end", "You may only specify one of these parameters: trial_end, trial_period_days.")
	}
	if err := limited(p, "trial_period_days", 0, mostTrialDays); err != nil {
		return err
	}
	trial := p.IntOr("trial_period_days", 0) * 24 * 60 * 60
	if trial > 0 {
		trial += now
	}
	trial = p.IntOr("trial_end", trial)
	if trial != 0 && trial <= now && p.String("trial_end") != "now" {
		return apierr.Invalid("trial_end", "Invalid timestamp: trial_end must be in the future.")
	}
	if trial > now+mostTrialDays*24*60*60 {
		return apierr.Invalid("trial_end", "The maximum number of trial period days is %d (2 years).", mostTrialDays)
	}
	sub.TrialEnd = object.Stamp(trial)
	sub.BillingCycleAnchor = max(now, trial)
	if p.Has("billing_cycle_anchor") {
		anchor, _ := p.Int("billing_cycle_anchor")
		begin := max(now, trial)
		if last := engine.SubscriptionInterval(sub).Add(begin, 1); anchor < begin || anchor > last {
			return apierr.Invalid("billing_cycle_anchor", "billing_cycle_anchor must be from %d (now, or the end of the trial) to %d (the next natural billing date).", begin, last)
		}
		sub.BillingCycleAnchor = anchor
	}
	return c.subscriptionEnd(sub)
}

// subscriptionEnd sets cancel_at and cancel_at_period_end.
func (c *call) subscriptionEnd(sub *object.Subscription) error {
	p := c.params
	if p.Has("cancel_at") && p.Bool("cancel_at_period_end") {
		return apierr.Coded("parameters_exclusive", "cancel_at", "You may only specify one of these parameters: cancel_at, cancel_at_period_end.")
	}
	if p.Has("cancel_at") {
		sub.CancelAt, sub.CancelAtPeriodEnd, sub.CanceledAt = object.Stamp(p.IntOr("cancel_at", 0)), false, 0
		if sub.CancelAt != 0 && int64(sub.CancelAt) <= c.tx.Now {
			return apierr.Invalid("cancel_at", "Invalid timestamp: cancel_at must be in the future.")
		}
		if sub.CancelAt != 0 {
			sub.CanceledAt = object.Stamp(c.tx.Now)
		}
	}
	if p.Has("cancel_at_period_end") {
		sub.CancelAtPeriodEnd = p.Bool("cancel_at_period_end")
		sub.CancelAt = 0
		sub.CanceledAt = 0
		if sub.CancelAtPeriodEnd {
			sub.CancelAt, sub.CanceledAt = object.Stamp(sub.CurrentPeriodEnd), object.Stamp(c.tx.Now)
		}
	}
	return nil
}

// subscriptionSettings sets what create and update share.
func (c *call) subscriptionSettings(sub *object.Subscription) error {
	p := c.params
	if p.Has("collection_method") {
		sub.CollectionMethod = p.String("collection_method")
		sub.DaysUntilDue = nil
	}
	if days := number(p, "days_until_due"); days != nil {
		if sub.CollectionMethod != "send_invoice" {
			return apierr.Invalid("days_until_due", "You can only set `days_until_due` when `collection_method` is `send_invoice`.")
		}
		sub.DaysUntilDue = days
	}
	if err := limited(p, "days_until_due", 0, mostDueDays); err != nil {
		return err
	}
	if sub.CollectionMethod == "send_invoice" && sub.DaysUntilDue == nil {
		return apierr.Coded("parameter_missing", "days_until_due", "You must set `days_until_due` when `collection_method` is `send_invoice`.")
	}
	setText(&sub.Description, p, "description")
	var err error
	if id := p.String("default_payment_method"); id != "" {
		if sub.DefaultPaymentMethod, err = c.ownMethod(id, sub.Customer, "default_payment_method"); err != nil {
			return err
		}
	}
	sub.Metadata, err = metadata(sub.Metadata, p, "metadata")
	return err
}
