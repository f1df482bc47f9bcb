package sandbox

import (
	"github.com/subferry/subferry/migrate/sandbox/internal/apierr"
	"github.com/subferry/subferry/migrate/sandbox/internal/form"
	"github.com/subferry/subferry/migrate/sandbox/internal/object"
)

func createSubscription(c *call) (any, error) {
	p := c.params
	customer, err := lookup(c.tx, &c.tx.customers, "customer", p.String("customer"), "customer")
	if err != nil {
		return nil, err
	}
	if c.tx.state.currentSubscriptions(customer.ID) >= mostPerCustomer {
		return nil, apierr.Coded("customer_max_subscriptions", "customer", "Customer %s already has the maximum %d current subscriptions.", customer.ID, mostPerCustomer)
	}
	c.tx.enter(customer.TestClock)
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
	_, chosen, err := c.tx.phaseItems(phase, p, "")
	if err != nil {
		return nil, err
	}
	if err := c.tx.oneCurrency(customer, phase.Currency, ""); err != nil {
		return nil, err
	}
	for _, read := range []func(*object.Phase, *form.Node) error{c.tx.phaseTaxes, c.tx.phaseCoupon} {
		if err := read(phase, p); err != nil {
			return nil, err
		}
	}
	if err := c.tx.phaseInvoiceItems(phase, p, chosen); err != nil {
		return nil, err
	}
	sub := blankSubscription(c.tx.state.ids.next("sub"), customer.ID, c.tx.now)
	sub.Currency, sub.TestClock = phase.Currency, customer.TestClock
	sub.AutomaticTax, sub.DefaultTaxRates = *phase.AutomaticTax, phase.DefaultTaxRates
	sub.Items = c.tx.phaseItemsOf(sub, phase)
	if err := c.subscriptionDates(sub); err != nil {
		return nil, err
	}
	if err := c.subscriptionSettings(sub); err != nil {
		return nil, err
	}
	return c.startSubscription(sub, phase)
}

// startSubscription bills the first period at once: unlike a schedule's, the
// first invoice of a subscription made by the API is no draft.
func (c *call) startSubscription(sub *object.Subscription, phase *object.Phase) (any, error) {
	p := c.params
	prorate := p.String("proration_behavior") != "none"
	if !prorate {
		c.tx.unprorated.put(&marked{ID: sub.ID})
	}
	c.tx.discount(sub, phase.Coupon)
	inv := c.tx.start(sub, prorate, c.tx.oneOffLines(sub, phase.AddInvoiceItems))
	if sub.CancelAtPeriodEnd {
		sub.CancelAt = object.Stamp(sub.CurrentPeriodEnd)
	}
	switch behavior := p.String("payment_behavior"); {
	case inv.Status != object.InvoiceDraft:
	case behavior == "default_incomplete" && sub.CollectionMethod == "charge_automatically":
		c.tx.closeIncomplete(sub, inv)
	default:
		c.tx.finalize(inv)
	}
	if sub.Status == object.SubscriptionIncomplete && p.String("payment_behavior") == "error_if_incomplete" {
		return nil, apierr.Declined("generic_decline", "Your card was declined.")
	}
	return sub, nil
}

// closeIncomplete leaves the first invoice to be paid by the client.
func (t *tx) closeIncomplete(sub *object.Subscription, inv *object.Invoice) {
	t.closeDraft(inv)
	if inv.AmountDue == 0 {
		t.paid(inv)
		return
	}
	sub.Status = object.SubscriptionIncomplete
	inv.AutoAdvance = false
}

// subscriptionDates sets trial, anchor and end.
func (c *call) subscriptionDates(sub *object.Subscription) error {
	p, now := c.params, c.tx.now
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
	sub.TrialEnd = object.Stamp(trial)
	sub.BillingCycleAnchor = max(now, trial)
	if p.Has("billing_cycle_anchor") {
		anchor, _ := p.Int("billing_cycle_anchor")
		begin := max(now, trial)
		if last := subscriptionInterval(sub).Add(begin, 1); anchor < begin || anchor > last {
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
		sub.CancelAt = object.Stamp(p.IntOr("cancel_at", 0))
		if sub.CancelAt != 0 && int64(sub.CancelAt) <= c.tx.now {
			return apierr.Invalid("cancel_at", "Invalid timestamp: cancel_at must be in the future.")
		}
	}
	if p.Has("cancel_at_period_end") {
		sub.CancelAtPeriodEnd = p.Bool("cancel_at_period_end")
		sub.CancelAt = 0
		sub.CanceledAt = 0
		if sub.CancelAtPeriodEnd {
			sub.CancelAt, sub.CanceledAt = object.Stamp(sub.CurrentPeriodEnd), object.Stamp(c.tx.now)
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
		if sub.DefaultPaymentMethod, err = c.tx.ownMethod(id, sub.Customer, "default_payment_method"); err != nil {
			return err
		}
	}
	sub.Metadata, err = metadata(sub.Metadata, p, "metadata")
	return err
}
