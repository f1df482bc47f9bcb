package api

import (
	"slices"

	"github.com/subferry/subferry/migrate/sandbox/internal/apierr"
	"github.com/subferry/subferry/migrate/sandbox/internal/engine"
	"github.com/subferry/subferry/migrate/sandbox/internal/form"
	"github.com/subferry/subferry/migrate/sandbox/internal/object"
	"github.com/subferry/subferry/migrate/sandbox/internal/store"
)

func updateSubscription(c *call) (any, error) {
	sub, err := c.openSubscription()
	if err != nil {
		return nil, err
	}
	if err := c.cancelable(sub); err != nil {
		return nil, err
	}
	if err := c.changeItems(sub); err != nil {
		return nil, err
	}
	if c.params.Has("default_tax_rates") {
		if sub.DefaultTaxRates, err = c.taxRateList(c.params, "default_tax_rates"); err != nil {
			return nil, err
		}
	}
	if err := checkRates(sub); err != nil {
		return nil, err
	}
	if sub.BillingCycleAnchor > c.tx.Now && c.params.String("proration_behavior") == "none" {
		sub.Discount = nil // Stripe unsets the coupon with such an update
	}
	if c.params.Has("coupon") {
		phase := &object.Phase{Currency: sub.Currency}
		if err := c.phaseCoupon(phase, c.params); err != nil {
			return nil, err
		}
		engine.GiveDiscount(c.tx, sub, phase.Coupon)
	}
	if err := c.subscriptionEnd(sub); err != nil {
		return nil, err
	}
	if err := c.subscriptionSettings(sub); err != nil {
		return nil, err
	}
	if pause := c.params.Get("pause_collection"); pause != nil {
		sub.PauseCollection = nil
		if len(pause.Fields) > 0 {
			until := pause.IntOr("resumes_at", 0)
			if until != 0 && until <= c.tx.Now {
				return nil, apierr.Invalid("pause_collection[resumes_at]", "Invalid timestamp: resumes_at must be in the future.")
			}
			sub.PauseCollection = &object.PauseCollection{Behavior: pause.String("behavior"), ResumesAt: object.Stamp(until)}
		}
	}
	store.Emit(c.tx, "customer.subscription.updated", sub)
	return sub, nil
}

// cancelable refuses an end for a subscription whose end its schedule decides.
func (c *call) cancelable(sub *object.Subscription) error {
	for _, name := range []string{"cancel_at", "cancel_at_period_end"} {
		if sub.Schedule != "" && c.params.Has(name) {
			return apierr.Invalid(name, "The subscription is managed by the subscription schedule `%s`, and updating any cancelation behavior directly is not allowed. Please update the schedule instead.", sub.Schedule)
		}
	}
	return nil
}

// checkRates holds changed tax rates and items to what new ones are held to.
func checkRates(sub *object.Subscription) error {
	for _, item := range sub.Items.Data {
		rates := engine.RatesOf(item.TaxRates, sub.DefaultTaxRates)
		if len(rates) > 0 && sub.AutomaticTax.Enabled {
			return apierr.Invalid("default_tax_rates", "You cannot set tax rates while `automatic_tax` is enabled.")
		}
		if err := matchingBehavior(item.Price, sub.Currency, rates, "default_tax_rates"); err != nil {
			return err
		}
	}
	return nil
}

// changeItems applies items[] and prorates what changed.
func (c *call) changeItems(sub *object.Subscription) error {
	if !c.params.Has("items") {
		return nil
	}
	if d := engine.DiscountOf(c.tx, sub, c.tx.Now); d != nil && d.Coupon.AmountOff != nil && c.params.String("proration_behavior") != "none" {
		return prorationUnknown("items", "proration_behavior=none")
	}
	before := sub.Items.Data
	after := slices.Clone(before)
	for _, p := range c.params.List("items") {
		var err error
		if after, err = c.changeItem(sub, after, p); err != nil {
			return err
		}
	}
	if len(after) == 0 {
		return apierr.Invalid("items", "A subscription must have at least one active plan. You cannot delete all of its items.")
	}
	gone, come := engine.ItemsNotIn(before, after), engine.ItemsNotIn(after, before)
	var lines []*object.InvoiceLine
	if c.params.String("proration_behavior") != "none" {
		lines = append(engine.Credits(c.tx, sub, gone), engine.Debits(c.tx, sub, come)...)
	}
	sub.Items.Data = after
	engine.BillProrations(c.tx, sub, lines, c.params.String("proration_behavior"))
	return nil
}

func (c *call) changeItem(sub *object.Subscription, items []*object.SubscriptionItem, p *form.Node) ([]*object.SubscriptionItem, error) {
	at := slices.IndexFunc(items, func(i *object.SubscriptionItem) bool { return i.ID == p.String("id") })
	if p.Has("id") && at < 0 {
		return nil, apierr.NoSuch("subscription item", p.String("id"), p.PathOf("id"))
	}
	if p.Bool("deleted") {
		if at < 0 {
			return nil, apierr.Missing(p.PathOf("id"))
		}
		return slices.Delete(items, at, at+1), nil
	}
	item := &object.SubscriptionItem{Object: "subscription_item", Created: c.tx.Now, Subscription: sub.ID}
	if at >= 0 {
		changed := *items[at]
		item = &changed
	}
	if err := c.setItem(sub, item, p); err != nil {
		return nil, err
	}
	for i, other := range items {
		if i != at && other.Price.ID == item.Price.ID {
			return nil, apierr.Invalid(p.PathOf("price"), "Cannot add multiple subscription items with the same plan: %s", item.Price.ID)
		}
	}
	if at >= 0 {
		items[at] = item
		return items, nil
	}
	item.ID = c.tx.Store.IDs.Short("si")
	return append(items, item), nil
}

func (c *call) setItem(sub *object.Subscription, item *object.SubscriptionItem, p *form.Node) error {
	var err error
	if item.Price == nil || p.Has("price") || p.Has("price_data") {
		if item.Price, err = c.itemPrice(p, "recurring"); err != nil {
			return err
		}
		if err := sameCycle(item.Price, engine.SubscriptionInterval(sub), p.Path); err != nil {
			return err
		}
		if err := sameCurrency(item.Price, sub.Currency, true, p.Path); err != nil {
			return err
		}
		phase := &object.Phase{AutomaticTax: &sub.AutomaticTax, Currency: sub.Currency}
		if err := c.taxBehaviorKnown(phase, item.Price, p.Path); err != nil {
			return err
		}
	}
	if item.Quantity == nil || p.Has("quantity") {
		if item.Quantity, err = itemQuantity(p, item.Price); err != nil {
			return err
		}
	}
	if err := payable(item.Price, sub.Currency, item.Quantity, p.PathOf("quantity")); err != nil {
		return err
	}
	if p.Has("tax_rates") {
		if item.TaxRates, err = c.taxRateList(p, "tax_rates"); err != nil {
			return err
		}
	}
	item.Metadata, err = metadata(item.Metadata, p, "metadata")
	return err
}
