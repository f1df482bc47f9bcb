package accountfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/subferry/subferry/migrate/sandbox/internal/api"
	"github.com/subferry/subferry/migrate/sandbox/internal/engine"
	"github.com/subferry/subferry/migrate/sandbox/internal/object"
)

func loadedSubscription(id string, now int64) *object.Subscription {
	o := object.NewSubscription(id, "", now)
	o.BillingCycleAnchor, o.StartDate = 0, 0
	o.Status = object.SubscriptionActive
	return o
}

// withPrices puts whole prices where items name theirs by ID, which is how people write them. What cannot be read is
// left as it is, for load to say so.
func (l loader) withPrices(subscriptions []json.RawMessage) []json.RawMessage {
	all := make([]json.RawMessage, len(subscriptions))
	for i, raw := range subscriptions {
		all[i] = raw
		var tree map[string]any
		decoder := json.NewDecoder(bytes.NewReader(raw))
		decoder.UseNumber()
		if decoder.Decode(&tree) != nil {
			continue
		}
		items, _ := tree["items"].(map[string]any)
		data, _ := items["data"].([]any)
		for _, one := range data {
			item, _ := one.(map[string]any)
			if id, named := item["price"].(string); named {
				if price := l.tx.Prices.Get(id); price != nil {
					item["price"] = price
				} else {
					item["price"] = map[string]any{"id": id}
				}
			}
		}
		if text, err := json.Marshal(tree); err == nil {
			all[i] = text
		}
	}
	return all
}

// subscription completes a subscription that exists when the account is loaded.
func (l loader) subscription(o *object.Subscription) error {
	if err := errors.Join(kindIs(o.Object, "subscription"), oneOf("status", o.Status, object.SubscriptionActive, object.SubscriptionTrialing,
		object.SubscriptionPastDue, object.SubscriptionUnpaid, object.SubscriptionPaused, object.SubscriptionCanceled)); err != nil {
		return err
	}
	customer := l.tx.Customers.Get(o.Customer)
	switch {
	case customer == nil:
		return fmt.Errorf("customer: the customer %q is not among the customers", o.Customer)
	case len(o.Items.Data) == 0:
		return errors.New("items: found none; expected {\"data\": [{\"price\": \"price_…\", \"quantity\": 1}]}")
	case o.Schedule != "":
		return fmt.Errorf("schedule: found %s; an account file has no schedules, leave the field out", o.Schedule)
	}
	for i, item := range o.Items.Data {
		price := l.tx.Prices.Get(item.Price.ID)
		if price == nil || price.Recurring == nil {
			return fmt.Errorf("items.data[%d].price: %q is no recurring price among the prices", i, item.Price.ID)
		}
		if o.Currency == "" {
			o.Currency = price.Currency
		}
		item.Price, item.Object, item.Subscription, item.Created = price, "subscription_item", o.ID, o.Created
		if item.ID == "" {
			item.ID = l.tx.Store.IDs.Short("si")
		}
		if item.Quantity == nil && price.Recurring.UsageType == "licensed" {
			one := int64(1)
			item.Quantity = &one
		}
	}
	o.Items.Object, o.Items.URL = "list", "/v1/subscription_items?subscription="+o.ID
	return errors.Join(l.period(o), l.ending(o), l.subscriptionDiscount(o))
}

// period checks the current period and fills in what follows from it.
func (l loader) period(o *object.Subscription) error {
	if o.CurrentPeriodEnd == 0 && o.TrialEnd != 0 {
		o.CurrentPeriodEnd = int64(o.TrialEnd)
	}
	switch {
	case o.Ended():
		return nil
	case o.CurrentPeriodEnd <= l.tx.Now:
		return fmt.Errorf("current_period_end: found %d; expected a time after %d, which is now for the sandbox", o.CurrentPeriodEnd, l.tx.Now)
	case o.CurrentPeriodStart > l.tx.Now:
		return fmt.Errorf("current_period_start: found %d; expected a time not after %d, which is now for the sandbox", o.CurrentPeriodStart, l.tx.Now)
	case o.Status == object.SubscriptionTrialing && int64(o.TrialEnd) != o.CurrentPeriodEnd:
		return fmt.Errorf("trial_end: found %d; expected current_period_end, %d, of a subscription in trial", o.TrialEnd, o.CurrentPeriodEnd)
	}
	interval := engine.SubscriptionInterval(o)
	if o.CurrentPeriodStart == 0 {
		o.CurrentPeriodStart = min(l.tx.Now, interval.Before(o.CurrentPeriodEnd, o.CurrentPeriodEnd))
	}
	if o.BillingCycleAnchor == 0 {
		o.BillingCycleAnchor = o.CurrentPeriodEnd
	}
	if o.StartDate == 0 {
		o.StartDate = o.CurrentPeriodStart
	}
	if o.TrialEnd != 0 && o.TrialStart == 0 {
		o.TrialStart = object.Stamp(o.StartDate)
	}
	o.Created = min(o.StartDate, l.tx.Now)
	return nil
}

// ending checks how a subscription ends by itself, or is paused.
func (l loader) ending(o *object.Subscription) error {
	if o.CancelAtPeriodEnd {
		o.CancelAt = object.Stamp(o.CurrentPeriodEnd)
	}
	if o.CancelAt != 0 && o.CanceledAt == 0 { // the file does not say since when: at the latest, since this period began
		o.CanceledAt = object.Stamp(min(o.CurrentPeriodStart, l.tx.Now))
	}
	if o.CollectionMethod == "send_invoice" && o.DaysUntilDue == nil {
		return errors.New("days_until_due: found none; expected the days of collection_method send_invoice")
	}
	if o.CancelAt != 0 && int64(o.CancelAt) <= l.tx.Now && !o.Ended() {
		return fmt.Errorf("cancel_at: found %d; expected a time after %d, which is now for the sandbox", o.CancelAt, l.tx.Now)
	}
	if o.PauseCollection != nil {
		return oneOf("pause_collection.behavior", o.PauseCollection.Behavior, "keep_as_draft", "mark_uncollectible", "void")
	}
	return nil
}

// subscriptionDiscount completes a discount whose coupon may be given by its ID alone.
func (l loader) subscriptionDiscount(o *object.Subscription) error {
	d := o.Discount
	if d == nil {
		return nil
	}
	coupon := l.tx.Coupons.Get(d.Coupon.ID)
	if coupon == nil {
		return fmt.Errorf("discount.coupon: the coupon %q is not among the coupons", d.Coupon.ID)
	}
	if !engine.DiscountsIn(coupon, o.Currency) {
		return fmt.Errorf("discount.coupon: found an amount in %s; expected one in the subscription's currency, %s", api.ListedCurrencies(coupon), o.Currency)
	}
	d.Coupon, d.Object, d.Customer, d.Subscription = *coupon, "discount", object.Text(o.Customer), object.Text(o.ID)
	if d.ID == "" {
		d.ID = l.tx.Store.IDs.Next("di")
	}
	if d.Start == 0 {
		d.Start = o.StartDate
	}
	if d.End == 0 {
		d.End = engine.DiscountEnd(coupon, d.Start)
	}
	return nil
}
