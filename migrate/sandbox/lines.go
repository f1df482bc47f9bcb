package sandbox

import (
	"fmt"

	"github.com/subferry/subferry/migrate/sandbox/internal/billing"
	"github.com/subferry/subferry/migrate/sandbox/internal/object"
)

// line begins an invoice line for an item of a subscription.
func (t *tx) line(sub *object.Subscription, item *object.SubscriptionItem, period object.Period) *object.InvoiceLine {
	return &object.InvoiceLine{
		ID:               t.state.ids.next("il"),
		Object:           "line_item",
		Currency:         sub.Currency,
		Discountable:     true,
		Metadata:         item.Metadata,
		Period:           period,
		Price:            item.Price,
		Quantity:         item.Quantity,
		Subscription:     object.Text(sub.ID),
		SubscriptionItem: item.ID,
		TaxRates:         ratesOf(item.TaxRates, sub.DefaultTaxRates),
		Type:             "subscription",
	}
}

// span is a period to be charged. Whole is how long it would be if it were
// not cut short; the two differ when billing does not begin on the anchor.
type span struct {
	object.Period
	whole int64
}

// spanFrom is the period that begins at a time, up to the next recurrence of
// the subscription's anchor.
func spanFrom(sub *object.Subscription, from int64) span {
	interval := subscriptionInterval(sub)
	end := interval.Next(sub.BillingCycleAnchor, from)
	begin := interval.Before(sub.BillingCycleAnchor, end)
	return span{Period: object.Period{Start: from, End: end}, whole: end - begin}
}

func subscriptionInterval(sub *object.Subscription) billing.Interval {
	return intervalOf(sub.Items.Data[0].Price)
}

// periodLines charges every item for a span; licensed items in advance,
// metered ones for the span before it.
func (t *tx) periodLines(sub *object.Subscription, s span, prorate bool) []*object.InvoiceLine {
	var lines []*object.InvoiceLine
	for _, item := range sub.Items.Data {
		lines = append(lines, t.periodLine(sub, item, s, prorate))
	}
	return lines
}

func (t *tx) periodLine(sub *object.Subscription, item *object.SubscriptionItem, s span, prorate bool) *object.InvoiceLine {
	one := t.line(sub, item, s.Period)
	one.Description = object.Text(fmt.Sprintf("%d × %s", quantityOf(item.Quantity), t.productName(item.Price)))
	if metered(item.Price) {
		none := int64(0)
		one.Quantity = &none
		one.Period = object.Period{Start: sub.CurrentPeriodStart, End: s.Start}
		if sub.CurrentPeriodStart < s.Start && !t.inTrial(sub) {
			one.Amount = itemAmount(item, sub.Currency)
		}
		return one
	}
	one.Amount = itemAmount(item, sub.Currency)
	if length := s.End - s.Start; length != s.whole {
		one.Proration = true
		if !prorate {
			one.Amount = 0
		} else {
			one.Amount = billing.Prorate(one.Amount, length, s.whole)
		}
	}
	return one
}

// trialLines are the lines of a trial: nothing is charged.
func (t *tx) trialLines(sub *object.Subscription, period object.Period) []*object.InvoiceLine {
	var lines []*object.InvoiceLine
	for _, item := range sub.Items.Data {
		one := t.line(sub, item, period)
		one.Description = object.Text("Trial period for " + t.productName(item.Price))
		lines = append(lines, one)
	}
	return lines
}

// oneOffLines charge a phase's add_invoice_items.
func (t *tx) oneOffLines(sub *object.Subscription, items []object.AddInvoiceItem) []*object.InvoiceLine {
	var lines []*object.InvoiceLine
	for _, item := range items {
		price := t.prices.get(item.Price)
		one := t.line(sub, &object.SubscriptionItem{Price: price, Quantity: item.Quantity, TaxRates: item.TaxRates}, object.Period{Start: t.now, End: t.now})
		one.Type = "invoiceitem"
		one.InvoiceItem = t.state.ids.next("ii")
		one.Description = object.Text(t.productName(price))
		one.Amount = pricing(price, sub.Currency).Amount(quantityOf(item.Quantity))
		lines = append(lines, one)
	}
	return lines
}

func (t *tx) productName(price *object.Price) string {
	if o := t.products.get(price.Product); o != nil {
		return o.Name
	}
	return price.Product
}
