package engine

import (
	"fmt"

	"github.com/subferry/subferry/migrate/sandbox/internal/object"
	"github.com/subferry/subferry/migrate/sandbox/internal/store"
)

// Finalize closes a draft and collects it: nothing due is paid, an automatic charge is tried once, anything else is
// sent.
func Finalize(t *store.Tx, inv *object.Invoice) {
	customer := closeDraft(t, inv)
	switch {
	case customer == nil:
		inv.AutoAdvance = false
	case inv.AmountDue == 0:
		markPaid(t, inv)
	case inv.CollectionMethod == "charge_automatically":
		Collect(t, inv, customer)
	default:
		store.Emit(t, "invoice.sent", inv)
	}
}

// closeDraft makes a draft an open invoice with a number and what is due, and returns its customer. The customer's
// credit is used up, what is owed is added, what a negative invoice gives back is kept as credit, and what is too
// little to be charged as debt. It returns nil, and nothing done, when that has been deleted.
func closeDraft(t *store.Tx, inv *object.Invoice) *object.Customer {
	customer := t.Customers.Edit(inv.Customer)
	if customer == nil {
		return nil
	}
	inv.Status = object.InvoiceOpen
	inv.Number = object.Text(fmt.Sprintf("%s-%04d", customer.InvoicePrefix, customer.NextInvoiceSequence))
	customer.NextInvoiceSequence++
	inv.StatusTransitions.FinalizedAt = object.Stamp(t.Now)
	inv.EffectiveAt = object.Stamp(t.Now)
	inv.NextPaymentAttempt = 0
	inv.StartingBalance = customer.Balance
	due, ending := charging(inv.Currency).Due(inv.Total, customer.Balance)
	inv.AmountDue, inv.AmountRemaining = due, due
	customer.Balance = ending
	inv.EndingBalance = &ending
	store.Emit(t, "invoice.finalized", inv)
	return customer
}

// Collect tries to charge the customer once. The sandbox does not retry.
func Collect(t *store.Tx, inv *object.Invoice, customer *object.Customer) {
	inv.Attempted = true
	inv.AttemptCount++
	method := attachedMethod(t, inv.DefaultPaymentMethod, customer)
	if method == nil {
		method = attachedMethod(t, customer.InvoiceSettings.DefaultPaymentMethod, customer)
	}
	if method != nil && method.Card.Last4 != failingCard[len(failingCard)-4:] {
		inv.AmountPaid, inv.AmountRemaining = inv.AmountDue, 0
		markPaid(t, inv)
		return
	}
	customer.Delinquent = true
	store.Emit(t, "invoice.payment_failed", inv)
	sub := t.Subscriptions.Edit(string(inv.Subscription))
	if sub == nil || sub.Ended() {
		return
	}
	// Incomplete is only the very first payment of a subscription that the API created.
	sub.Status = object.SubscriptionPastDue
	if inv.BillingReason == reasonCreate && inv.Created == t.Now && sub.Schedule == "" {
		sub.Status = object.SubscriptionIncomplete
	}
	store.Emit(t, "customer.subscription.updated", sub)
}

// markPaid closes an invoice. A subscription that was behind is in order again when its newest invoice is paid.
func markPaid(t *store.Tx, inv *object.Invoice) {
	inv.Status, inv.Paid, inv.Attempted = object.InvoicePaid, true, true
	inv.StatusTransitions.PaidAt = object.Stamp(t.Now)
	store.Emit(t, "invoice.paid", inv, "invoice.payment_succeeded")
	sub := t.Subscriptions.Get(string(inv.Subscription))
	if sub == nil || sub.LatestInvoice != object.Text(inv.ID) {
		return
	}
	if sub.Status == object.SubscriptionPastDue || sub.Status == object.SubscriptionIncomplete {
		sub = t.Subscriptions.Edit(sub.ID)
		sub.Status = object.SubscriptionActive
		if int64(sub.TrialEnd) > t.Now {
			sub.Status = object.SubscriptionTrialing
		}
		store.Emit(t, "customer.subscription.updated", sub)
	}
}

// CloseIncomplete leaves the first invoice to be paid by the client.
func CloseIncomplete(t *store.Tx, sub *object.Subscription, inv *object.Invoice) {
	closeDraft(t, inv)
	if inv.AmountDue == 0 {
		markPaid(t, inv)
		return
	}
	sub.Status = object.SubscriptionIncomplete
	inv.AutoAdvance = false
}
