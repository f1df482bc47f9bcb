package engine

import (
	"fmt"

	"github.com/subferry/subferry/migrate/sandbox/internal/billing"
	"github.com/subferry/subferry/migrate/sandbox/internal/object"
	"github.com/subferry/subferry/migrate/sandbox/internal/store"
)

// newLine begins an invoice line for an item of a subscription.
func newLine(t *store.Tx, sub *object.Subscription, item *object.SubscriptionItem, period object.Period) *object.InvoiceLine {
	return &object.InvoiceLine{
		ID:               t.Store.IDs.Next("il"),
		Object:           "line_item",
		Currency:         sub.Currency,
		Discountable:     true,
		Metadata:         item.Metadata,
		Period:           period,
		Price:            item.Price,
		Quantity:         item.Quantity,
		Subscription:     object.Text(sub.ID),
		SubscriptionItem: item.ID,
		TaxRates:         RatesOf(item.TaxRates, sub.DefaultTaxRates),
		Type:             "subscription",
	}
}

// span is a period to be charged. Whole is how long it would be if it were not cut short; the two differ when billing
// does not begin on the anchor.
type span struct {
	object.Period
	whole int64
}

func (s span) cut() bool { return s.End-s.Start != s.whole }

// spanFrom is the period that begins at a time, up to the next recurrence of
// the subscription's anchor. What is cut short is a part of the period that
// would begin at the same time: Stripe says so of a backdated subscription.
func spanFrom(sub *object.Subscription, from int64) span {
	interval := SubscriptionInterval(sub)
	end := interval.Next(sub.BillingCycleAnchor, from)
	begin := interval.Before(sub.BillingCycleAnchor, end)
	whole := end - begin
	if begin != from {
		whole = interval.Add(from, 1) - from
	}
	return span{Period: object.Period{Start: from, End: end}, whole: whole}
}

// periodLines charges every item for a span; licensed items in advance, metered ones for the span before it.
func periodLines(t *store.Tx, sub *object.Subscription, s span, prorate bool) []*object.InvoiceLine {
	var lines []*object.InvoiceLine
	for _, item := range sub.Items.Data {
		lines = append(lines, periodLine(t, sub, item, s, prorate))
	}
	return lines
}

func periodLine(t *store.Tx, sub *object.Subscription, item *object.SubscriptionItem, s span, prorate bool) *object.InvoiceLine {
	one := newLine(t, sub, item, s.Period)
	one.Description = object.Text(fmt.Sprintf("%d × %s", object.Quantity(item.Quantity), productName(t, item.Price)))
	if item.Price.Metered() {
		none := int64(0)
		one.Quantity = &none
		one.Period = object.Period{Start: sub.CurrentPeriodStart, End: s.Start}
		if sub.CurrentPeriodStart < s.Start && !inTrial(t, sub) {
			one.Amount = itemAmount(item, sub.Currency)
			if item.Price.ByMeter() {
				setUnits(t, one, usedUnits(t, item.Price, sub.Customer, one.Period))
			}
		}
		return one
	}
	one.Amount = itemAmount(item, sub.Currency)
	if s.cut() {
		one.Proration = true
		if !prorate {
			one.Amount = 0
		} else {
			one.Amount = billing.Prorate(one.Amount, s.End-s.Start, s.whole)
		}
	}
	return one
}

// OneOffLines charge a phase's add_invoice_items.
func OneOffLines(t *store.Tx, sub *object.Subscription, items []object.AddInvoiceItem) []*object.InvoiceLine {
	var lines []*object.InvoiceLine
	for _, item := range items {
		price := t.Prices.Get(item.Price)
		one := newLine(t, sub, &object.SubscriptionItem{Price: price, Quantity: item.Quantity, TaxRates: item.TaxRates}, object.Period{Start: t.Now, End: t.Now})
		one.Type = "invoiceitem"
		one.InvoiceItem = t.Store.IDs.Next("ii")
		one.Description = object.Text(productName(t, price))
		one.Amount = Pricing(price, sub.Currency).Amount(object.Quantity(item.Quantity))
		lines = append(lines, one)
	}
	return lines
}

func productName(t *store.Tx, price *object.Price) string {
	if o := t.Products.Get(price.Product); o != nil {
		return o.Name
	}
	return price.Product
}
