package engine

import (
	"fmt"
	"strings"

	"github.com/subferry/subferry/migrate/sandbox/internal/object"
	"github.com/subferry/subferry/migrate/sandbox/internal/store"
)

// Finalize closes a draft and collects it: nothing due is paid, an automatic charge is tried once, anything else is
// sent.
func Finalize(t *store.Tx, inv *object.Invoice) {
	refreshUsage(t, inv)
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
	inv.PaymentIntent = object.Text("pi_" + strings.TrimPrefix(inv.ID, "in_"))
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

// PaymentIntent is the payment of an invoice; nil when there is none. Whether there was nothing to charge it with, or the
// card was declined, is read from the customer as it is now.
func PaymentIntent(t *store.Tx, id string) *object.PaymentIntent {
	inv := t.Invoices.Get("in_" + strings.TrimPrefix(id, "pi_"))
	if inv == nil || string(inv.PaymentIntent) != id {
		return nil
	}
	p := &object.PaymentIntent{
		ID: id, Object: "payment_intent", Amount: inv.AmountDue, AmountReceived: inv.AmountPaid, CaptureMethod: "automatic",
		ConfirmationMethod: "automatic", Created: int64(inv.StatusTransitions.FinalizedAt), Currency: inv.Currency,
		Customer: inv.Customer, Invoice: inv.ID, PaymentMethodTypes: []string{"card"}, Status: "succeeded",
	}
	if inv.Status == object.InvoicePaid {
		return p
	}
	p.Status = "requires_payment_method"
	customer := t.Customers.Get(inv.Customer)
	if customer == nil || attachedMethod(t, inv.DefaultPaymentMethod, customer) == nil &&
		attachedMethod(t, customer.InvoiceSettings.DefaultPaymentMethod, customer) == nil {
		return p
	}
	p.LastPaymentError = &object.PaymentError{
		Type: "card_error", Code: "card_declined", DeclineCode: "generic_decline", Message: "Your card was declined.",
	}
	return p
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
