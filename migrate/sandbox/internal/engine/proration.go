package engine

import (
	"github.com/subferry/subferry/migrate/sandbox/internal/billing"
	"github.com/subferry/subferry/migrate/sandbox/internal/object"
	"github.com/subferry/subferry/migrate/sandbox/internal/store"
)

// Credits give back the rest of the current period of some items.
func Credits(t *store.Tx, sub *object.Subscription, items []*object.SubscriptionItem) []*object.InvoiceLine {
	return prorations(t, sub, items, -1, "Unused time on ")
}

// Debits charge some items for the rest of the current period.
func Debits(t *store.Tx, sub *object.Subscription, items []*object.SubscriptionItem) []*object.InvoiceLine {
	return prorations(t, sub, items, 1, "Remaining time on ")
}

// prorations are nothing during a trial, and otherwise by the second, from now to the end of the current period. A
// percentage discount in force is already taken off, so the lines themselves are not discountable; changes under an
// amount off are refused earlier.
func prorations(t *store.Tx, sub *object.Subscription, items []*object.SubscriptionItem, sign int64, words string) []*object.InvoiceLine {
	if int64(sub.TrialEnd) > t.Now {
		return nil
	}
	rest := object.Period{Start: t.Now, End: sub.CurrentPeriodEnd}
	whole := spanFrom(sub, sub.CurrentPeriodStart).whole
	var lines []*object.InvoiceLine
	for _, item := range items {
		if item.Price.Metered() || rest.End <= rest.Start {
			continue
		}
		one := newLine(t, sub, item, rest)
		l := &billing.Line{Amount: itemAmount(item, sub.Currency), Product: item.Price.Product, Discountable: true}
		if d := DiscountOf(t, sub, t.Now); d != nil && d.Coupon.PercentOff != nil {
			billing.Compute([]*billing.Line{l}, couponOf(d, sub.Currency))
		}
		one.Amount = sign * billing.Prorate(l.Amount-l.Discount, rest.End-rest.Start, whole)
		one.Description = object.Text(words + productName(t, item.Price))
		one.Type, one.InvoiceItem = "invoiceitem", t.Store.IDs.Next("ii")
		one.Proration, one.Discountable = true, false
		lines = append(lines, one)
	}
	return lines
}

// ProratesUnderAmountOff tells whether changing or ending a subscription now would prorate under an amount off.
func ProratesUnderAmountOff(t *store.Tx, sub *object.Subscription) bool {
	d := DiscountOf(t, sub, t.Now)
	return d != nil && d.Coupon.AmountOff != nil && !inTrial(t, sub)
}
