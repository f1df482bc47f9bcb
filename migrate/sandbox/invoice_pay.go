package sandbox

import (
	"fmt"

	"github.com/subferry/subferry/migrate/sandbox/internal/object"
)

// finalize closes a draft and collects it: nothing due is paid, an automatic
// charge is tried once, anything else is sent.
func (t *tx) finalize(inv *object.Invoice) {
	customer := t.closeDraft(inv)
	switch {
	case customer == nil:
		inv.AutoAdvance = false
	case inv.AmountDue == 0:
		t.paid(inv)
	case inv.CollectionMethod == "charge_automatically":
		t.collect(inv, customer)
	default:
		emit(t, "invoice.sent", inv)
	}
}

// closeDraft makes a draft an open invoice with a number and what is due, and
// returns its customer; nil, and nothing done, when that has been deleted.
func (t *tx) closeDraft(inv *object.Invoice) *object.Customer {
	customer := t.customers.edit(inv.Customer)
	if customer == nil {
		return nil
	}
	inv.Status = object.InvoiceOpen
	inv.Number = object.Text(fmt.Sprintf("%s-%04d", customer.InvoicePrefix, customer.NextInvoiceSequence))
	customer.NextInvoiceSequence++
	inv.StatusTransitions.FinalizedAt = object.Stamp(t.now)
	inv.EffectiveAt = object.Stamp(t.now)
	inv.NextPaymentAttempt = 0
	applyBalance(inv, customer)
	emit(t, "invoice.finalized", inv)
	return customer
}

// applyBalance uses the customer's credit, adds what the customer owes, keeps
// as credit what a negative invoice gives back, and as debt what is too little
// to be charged.
func applyBalance(inv *object.Invoice, customer *object.Customer) {
	inv.StartingBalance = customer.Balance
	due, ending := charging(inv.Currency).Due(inv.Total, customer.Balance)
	inv.AmountDue, inv.AmountRemaining = due, due
	customer.Balance = ending
	inv.EndingBalance = &ending
}

// collect tries to charge the customer once. The sandbox does not retry.
func (t *tx) collect(inv *object.Invoice, customer *object.Customer) {
	inv.Attempted = true
	inv.AttemptCount++
	method := t.attached(inv.DefaultPaymentMethod, customer)
	if method == nil {
		method = t.attached(customer.InvoiceSettings.DefaultPaymentMethod, customer)
	}
	if method != nil && !failsToCharge(method) {
		inv.AmountPaid, inv.AmountRemaining = inv.AmountDue, 0
		t.paid(inv)
		return
	}
	customer.Delinquent = true
	emit(t, "invoice.payment_failed", inv)
	t.unpaid(t.subscriptions.edit(string(inv.Subscription)), inv)
}

// paid closes an invoice. A subscription that was behind is in order again
// when its newest invoice is paid.
func (t *tx) paid(inv *object.Invoice) {
	inv.Status, inv.Paid, inv.Attempted = object.InvoicePaid, true, true
	inv.StatusTransitions.PaidAt = object.Stamp(t.now)
	emit(t, "invoice.paid", inv)
	emit(t, "invoice.payment_succeeded", inv)
	sub := t.subscriptions.get(string(inv.Subscription))
	if sub == nil || sub.LatestInvoice != object.Text(inv.ID) {
		return
	}
	if sub.Status == object.SubscriptionPastDue || sub.Status == object.SubscriptionIncomplete {
		sub = t.subscriptions.edit(sub.ID)
		sub.Status = object.SubscriptionActive
		if int64(sub.TrialEnd) > t.now {
			sub.Status = object.SubscriptionTrialing
		}
		emit(t, "customer.subscription.updated", sub)
	}
}

// voidOpen voids an invoice that is still to be paid: nobody will pay for a
// subscription that never began.
func (t *tx) voidOpen(id object.Text) {
	if inv := t.invoices.get(string(id)); inv == nil || inv.Status != object.InvoiceOpen {
		return
	}
	inv := t.invoices.edit(string(id))
	inv.Status, inv.NextPaymentAttempt = object.InvoiceVoid, 0
	inv.StatusTransitions.VoidedAt = object.Stamp(t.now)
	emit(t, "invoice.voided", inv)
}

// unpaid marks a subscription whose invoice could not be collected: past due,
// or incomplete when it is the very first payment of a subscription that the
// API created.
func (t *tx) unpaid(sub *object.Subscription, inv *object.Invoice) {
	if sub == nil || ended(sub) {
		return
	}
	sub.Status = object.SubscriptionPastDue
	if inv.BillingReason == reasonCreate && inv.Created == t.now && sub.Schedule == "" {
		sub.Status = object.SubscriptionIncomplete
	}
	emit(t, "customer.subscription.updated", sub)
}
