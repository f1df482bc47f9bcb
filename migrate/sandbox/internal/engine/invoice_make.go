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

// makeInvoice makes a draft from lines and whatever waits for the subscription's
// next invoice. Period is what the invoice is for, which is the period before
// the one its lines charge in advance.
func makeInvoice(t *store.Tx, sub *object.Subscription, reason string, lines []*object.InvoiceLine, period object.Period) *object.Invoice {
	customer := t.Customers.Get(sub.Customer)
	inv := newInvoice(t.Store.IDs.Next("in"), sub, customer, t.Now)
	inv.BillingReason = reason
	inv.PeriodStart, inv.PeriodEnd = period.Start, period.End
	lines = append(lines, takePending(t, sub.ID)...)
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

// computeTotals computes discount, taxes and totals.
func computeTotals(t *store.Tx, inv *object.Invoice, sub *object.Subscription, customer *object.Customer) {
	lines := make([]*billing.Line, len(inv.Lines.Data))
	for i, one := range inv.Lines.Data {
		lines[i] = &billing.Line{
			Amount: one.Amount, Product: one.Price.Product, Discountable: one.Discountable,
			Rates: rates(one.TaxRates), Exempt: customer.TaxExempt != "none",
		}
	}
	totals := billing.Compute(lines, useDiscount(t, inv, sub))
	for i, one := range inv.Lines.Data {
		one.Invoice = object.Text(inv.ID)
		settleLine(one, lines[i], inv)
	}
	settleTotals(inv, totals)
}

func rates(list []*object.TaxRate) []billing.Rate {
	var out []billing.Rate
	for _, r := range list {
		out = append(out, billing.Rate{Percent: int64(r.Percentage), Inclusive: r.Inclusive})
	}
	return out
}

// settleLine writes what was computed into a line.
func settleLine(one *object.InvoiceLine, l *billing.Line, inv *object.Invoice) {
	one.AmountExcludingTax = l.Net
	if inv.Discount != nil && one.Discountable {
		one.DiscountAmounts = object.Array[object.DiscountAmount]{{Amount: l.Discount, Discount: inv.Discount.ID}}
	}
	for i, tax := range l.Taxes {
		r := one.TaxRates[i]
		taxable := l.Amount - l.Discount
		if r.Inclusive {
			taxable -= tax
		}
		if l.Exempt {
			taxable = 0
		}
		one.TaxAmounts = append(one.TaxAmounts, object.TaxAmount{
			Amount: tax, Inclusive: r.Inclusive, TaxRate: r.ID, TaxableAmount: &taxable, TaxabilityReason: taxability(inv.CustomerTaxExempt),
		})
	}
}

// taxability is why a customer owes no tax, empty for one who does: Stripe
// states no reason for tax rates that somebody chose by hand.
func taxability(exempt string) object.Text {
	switch exempt {
	case "exempt":
		return "customer_exempt"
	case "reverse":
		return "reverse_charge"
	}
	return ""
}

// settleTotals writes the totals and what would be due with the customer's
// balance as it is now; finalizing decides.
func settleTotals(inv *object.Invoice, totals billing.Totals) {
	inv.Subtotal, inv.Total = totals.Subtotal, totals.Total
	inv.SubtotalExcludingTax, inv.TotalExcludingTax = totals.SubtotalExcludingTax, totals.TotalExcludingTax
	if inv.Discount != nil {
		inv.TotalDiscountAmounts = object.Array[object.DiscountAmount]{{Amount: totals.Discount, Discount: inv.Discount.ID}}
	}
	inv.TotalTaxAmounts = sumTaxes(inv.Lines.Data)
	if len(inv.TotalTaxAmounts) > 0 {
		inv.Tax = &totals.Tax
	}
	inv.AmountDue, _ = charging(inv.Currency).Due(inv.Total, inv.StartingBalance)
	inv.AmountRemaining = inv.AmountDue
}

// sumTaxes adds up the lines' taxes by rate, in the order rates first occur.
func sumTaxes(lines []*object.InvoiceLine) object.Array[object.TaxAmount] {
	var sums object.Array[object.TaxAmount]
	for _, l := range lines {
		for _, tax := range l.TaxAmounts {
			sums = addTax(sums, tax)
		}
	}
	return sums
}

func addTax(sums object.Array[object.TaxAmount], tax object.TaxAmount) object.Array[object.TaxAmount] {
	for i := range sums {
		if sums[i].TaxRate == tax.TaxRate {
			taxable := *sums[i].TaxableAmount + *tax.TaxableAmount
			sums[i].Amount += tax.Amount
			sums[i].TaxableAmount = &taxable
			return sums
		}
	}
	return append(sums, tax)
}

// takePending returns the lines that wait for a subscription's invoice, and
// forgets them.
func takePending(t *store.Tx, sub string) []*object.InvoiceLine {
	var lines []*object.InvoiceLine
	for _, one := range append(t.Store.Pending.Of(sub), t.Pending.Changed...) {
		if one.Subscription != sub || slices.Contains(t.Pending.Removed, one.ID) {
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
