package engine

import (
	"slices"

	"github.com/subferry/subferry/migrate/sandbox/internal/billing"
	"github.com/subferry/subferry/migrate/sandbox/internal/object"
	"github.com/subferry/subferry/migrate/sandbox/internal/store"
)

// Reasons an invoice is made.
const (
	reasonCreate = "subscription_create"
	reasonCycle  = "subscription_cycle"
	reasonUpdate = "subscription_update"
)

// makeInvoice makes a draft from lines and whatever waits for the subscription's next invoice. Period is what the
// invoice is for, which is the period before the one its lines charge in advance.
func makeInvoice(t *store.Tx, sub *object.Subscription, reason string, lines []*object.InvoiceLine, period object.Period) *object.Invoice {
	customer := t.Customers.Get(sub.Customer)
	inv := newInvoice(t.Store.IDs.Next("in"), sub, customer, t.Now)
	inv.BillingReason = reason
	inv.PeriodStart, inv.PeriodEnd = period.Start, period.End
	lines = append(append(lines, takePending(t, sub, sub.ID)...), takePending(t, sub, sub.Customer)...)
	inv.Lines = object.List[*object.InvoiceLine]{Object: "list", Data: lines, URL: "/v1/invoices/" + inv.ID + "/lines"}
	computeTotals(t, inv, sub, customer)
	sub.LatestInvoice = object.Text(inv.ID)
	t.Invoices.Put(inv)
	store.Emit(t, "invoice.created", inv)
	return inv
}

func newInvoice(id string, sub *object.Subscription, customer *object.Customer, now int64) *object.Invoice {
	inv := &object.Invoice{
		ID:                   id,
		Object:               "invoice",
		AccountCountry:       "US",
		AutoAdvance:          true,
		AutomaticTax:         object.InvoiceAutomaticTax{Enabled: sub.AutomaticTax.Enabled},
		CollectionMethod:     sub.CollectionMethod,
		Created:              now,
		Currency:             sub.Currency,
		Customer:             sub.Customer,
		CustomerAddress:      customer.Address,
		CustomerEmail:        customer.Email,
		CustomerName:         customer.Name,
		CustomerPhone:        customer.Phone,
		CustomerShipping:     customer.Shipping,
		CustomerTaxExempt:    customer.TaxExempt,
		DefaultPaymentMethod: sub.DefaultPaymentMethod,
		DefaultTaxRates:      sub.DefaultTaxRates,
		Description:          sub.Description,
		Footer:               customer.InvoiceSettings.Footer,
		Issuer:               object.Issuer{Type: "self"},
		Status:               object.InvoiceDraft,
		Subscription:         object.Text(sub.ID),
		SubscriptionDetails:  object.SubscriptionDetails{Metadata: sub.Metadata},
		TestClock:            sub.TestClock,
		StartingBalance:      customer.Balance,
	}
	if inv.AutomaticTax.Enabled {
		// Stripe Tax is not imitated: the tax is not known, and says so.
		inv.AutomaticTax.Status = "failed"
	}
	if sub.CollectionMethod == "send_invoice" {
		inv.DueDate = object.Stamp(now + object.Quantity(sub.DaysUntilDue)*24*60*60)
	} else {
		inv.NextPaymentAttempt = object.Stamp(now + object.DraftFor)
	}
	return inv
}

// computeTotals computes discount, taxes and totals, and what would be due with the customer's balance as it is now;
// finalizing decides.
func computeTotals(t *store.Tx, inv *object.Invoice, sub *object.Subscription, customer *object.Customer) {
	totalsWith(inv, customer, useDiscount(t, inv, sub))
}

// totalsWith is computeTotals with a coupon, nil for none, of which the use has been noted.
func totalsWith(inv *object.Invoice, customer *object.Customer, coupon *billing.Coupon) {
	lines := make([]*billing.Line, len(inv.Lines.Data))
	for i, one := range inv.Lines.Data {
		lines[i] = &billing.Line{Amount: one.Amount, Product: one.Price.Product, Discountable: one.Discountable, Exempt: customer.TaxExempt != "none"}
		for _, r := range one.TaxRates {
			lines[i].Rates = append(lines[i].Rates, billing.Rate{Percent: int64(r.Percentage), Inclusive: r.Inclusive})
		}
	}
	totals := billing.Compute(lines, coupon)
	for i, one := range inv.Lines.Data {
		one.Invoice = object.Text(inv.ID)
		one.AmountExcludingTax = lines[i].Net
		if inv.Discount != nil && one.Discountable {
			one.DiscountAmounts = object.Array[object.DiscountAmount]{{Amount: lines[i].Discount, Discount: inv.Discount.ID}}
		}
		addTaxes(inv, one, lines[i])
	}
	inv.Subtotal, inv.Total = totals.Subtotal, totals.Total
	inv.SubtotalExcludingTax, inv.TotalExcludingTax = totals.SubtotalExcludingTax, totals.TotalExcludingTax
	if inv.Discount != nil {
		inv.TotalDiscountAmounts = object.Array[object.DiscountAmount]{{Amount: totals.Discount, Discount: inv.Discount.ID}}
	}
	if len(inv.TotalTaxAmounts) > 0 {
		inv.Tax = &totals.Tax
	}
	inv.AmountDue, _ = charging(inv.Currency).Due(inv.Total, inv.StartingBalance)
	inv.AmountRemaining = inv.AmountDue
}

// addTaxes writes the taxes that were computed into a line, and adds them to the invoice's, which are summed by rate in
// the order in which rates first occur.
func addTaxes(inv *object.Invoice, line *object.InvoiceLine, computed *billing.Line) {
	for i, tax := range computed.Taxes {
		r := line.TaxRates[i]
		taxable := computed.Amount - computed.Discount
		if r.Inclusive {
			taxable -= tax
		}
		if computed.Exempt {
			taxable = 0
		}
		one := object.TaxAmount{Amount: tax, Inclusive: r.Inclusive, TaxRate: r.ID, TaxableAmount: &taxable, TaxabilityReason: taxability(inv.CustomerTaxExempt)}
		line.TaxAmounts = append(line.TaxAmounts, one)
		at := slices.IndexFunc(inv.TotalTaxAmounts, func(sum object.TaxAmount) bool { return sum.TaxRate == r.ID })
		if at < 0 {
			inv.TotalTaxAmounts = append(inv.TotalTaxAmounts, one)
			continue
		}
		sum := &inv.TotalTaxAmounts[at]
		total := *sum.TaxableAmount + taxable
		sum.Amount, sum.TaxableAmount = sum.Amount+tax, &total
	}
}

// taxability is why a customer owes no tax, empty for one who does: Stripe states no reason for tax rates that somebody
// chose by hand.
func taxability(exempt string) object.Text {
	switch exempt {
	case "exempt":
		return "customer_exempt"
	case "reverse":
		return "reverse_charge"
	}
	return ""
}

// takePending returns the lines that wait for the next invoice of an owner, a subscription or its customer, and forgets
// them. Those in another currency than the subscription's go on waiting.
func takePending(t *store.Tx, sub *object.Subscription, owner string) []*object.InvoiceLine {
	var lines []*object.InvoiceLine
	for _, one := range append(t.Store.Pending.Of(owner), t.Pending.Changed...) {
		if one.Owner() != owner || one.Line.Currency != sub.Currency || slices.Contains(t.Pending.Removed, one.ID) {
			continue
		}
		line := *one.Line
		lines = append(lines, &line)
		t.Pending.Remove(one.ID)
	}
	return lines
}

// addPending keeps a line for a subscription's next invoice.
func addPending(t *store.Tx, sub *object.Subscription, lines []*object.InvoiceLine) {
	for _, one := range lines {
		t.Pending.Put(&object.Pending{ID: one.ID, Subscription: sub.ID, Line: one})
	}
}
