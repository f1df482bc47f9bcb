package sandbox

import (
	"github.com/subferry/subferry/migrate/sandbox/internal/billing"
	"github.com/subferry/subferry/migrate/sandbox/internal/object"
)

// credits give back the rest of the current period of some items.
func (t *tx) credits(sub *object.Subscription, items []*object.SubscriptionItem) []*object.InvoiceLine {
	return t.prorations(sub, items, -1, "Unused time on ")
}

// debits charge some items for the rest of the current period.
func (t *tx) debits(sub *object.Subscription, items []*object.SubscriptionItem) []*object.InvoiceLine {
	return t.prorations(sub, items, 1, "Remaining time on ")
}

// prorations are nothing during a trial, and otherwise by the second, from now to the end of the current period. A
// percentage discount in force is already taken off, so the lines themselves
// are not discountable; changes under an amount off are refused earlier.
func (t *tx) prorations(sub *object.Subscription, items []*object.SubscriptionItem, sign int64, words string) []*object.InvoiceLine {
	if int64(sub.TrialEnd) > t.now {
		return nil
	}
	rest := object.Period{Start: t.now, End: sub.CurrentPeriodEnd}
	whole := spanFrom(sub, sub.CurrentPeriodStart).whole
	var lines []*object.InvoiceLine
	for _, item := range items {
		if metered(item.Price) || rest.End <= rest.Start {
			continue
		}
		one := t.line(sub, item, rest)
		one.Amount = sign * billing.Prorate(t.discounted(sub, item), rest.End-rest.Start, whole)
		one.Description = object.Text(words + t.productName(item.Price))
		one.Type, one.InvoiceItem = "invoiceitem", t.state.ids.next("ii")
		one.Proration, one.Discountable = true, false
		lines = append(lines, one)
	}
	return lines
}

// discounted is an item's amount for a period less a percentage discount.
func (t *tx) discounted(sub *object.Subscription, item *object.SubscriptionItem) int64 {
	l := &billing.Line{Amount: itemAmount(item, sub.Currency), Product: item.Price.Product, Discountable: true}
	if d := t.discountOf(sub, t.now); d != nil && d.Coupon.PercentOff != nil {
		billing.Compute([]*billing.Line{l}, couponOf(d, sub.Currency))
	}
	return l.Amount - l.Discount
}
