package migrate

import (
	"context"
	"log/slog"
	"time"

	"github.com/subferry/subferry/migrate/ledger"
)

// bills is what the invoices of some subscriptions come to.
type bills struct {
	charged    bool             // one of them is not 0
	open       int64            // how many of them are still to be collected
	collected  map[string]int64 // minor units by currency
	collecting map[string]int64 // likewise, of the open ones
}

func newBills() bills { return bills{collected: map[string]int64{}, collecting: map[string]int64{}} }

// add adds an invoice. An old debt is collected by an invoice whose total is 0, so that the total alone says nothing.
func (b *bills) add(i InvoiceState) {
	b.charged = b.charged || i.Total != 0 || i.AmountDue != 0 || i.AmountPaid != 0
	if i.AmountPaid != 0 {
		b.collected[i.Currency] += i.AmountPaid
	}
	if rest := i.AmountDue - i.AmountPaid; rest > 0 && (i.Status == "draft" || i.Status == "open") {
		b.open++
		b.collecting[i.Currency] += rest
	}
}

// billsOf reads all invoices of a subscription.
func (o *operation) billsOf(ctx context.Context, subscription string) (bills, error) {
	f, sum := InvoiceFilter{Subscription: subscription}, newBills()
	_, err := pages(allPages, func(after string) ([]InvoiceState, bool, error) {
		f.After = after
		page, err := send(ctx, o.requester, reading, func() (InvoicePage, error) { return o.m.gateway.Invoices(ctx, f) })
		return page.Invoices, page.More, err
	}, func(i InvoiceState) string { return i.ID }, func(i InvoiceState) error {
		sum.add(i)
		return nil
	})
	return sum, err
}

// look reads what a subscription was charged, and notes it for the cancel's result. Unless that decides what is canceled, a key
// which may not read invoices cancels all the same.
func (c *cancellation) look(ctx context.Context, subscription string, decides bool) (bills, error) {
	until, done := c.op.untilStop(ctx)
	defer done()
	b, err := c.op.billsOf(until, subscription)
	if failure := asStripeError(err); failure != nil && failure.Outcome == Refused && !decides {
		c.op.m.log.Warn("the invoices could not be read", slog.String("subscription", subscription), slog.Any("error", failure))
		return b, nil
	}
	if err != nil || !b.charged {
		return b, err
	}
	c.op.mu.Lock()
	defer c.op.mu.Unlock()
	c.charged++
	c.bills.open += b.open
	for currency, n := range b.collected {
		c.bills.collected[currency] += n
	}
	for currency, n := range b.collecting {
		c.bills.collecting[currency] += n
	}
	return b, nil
}

// windowOpen tells whether the rows of a migration can still be canceled as a whole. A cancel that goes on, or looks again,
// goes by the last row that was left.
func (m *Migrator) windowOpen(ctx context.Context, mig ledger.Migration) (bool, error) {
	last := mig.SettledAt
	switch mig.Status {
	case ledger.StatusInProgress:
		return true, nil
	case ledger.StatusCanceling, ledger.StatusCanceled:
		var err error
		if last, err = m.ledger.Latest(ctx, mig.ID, ledger.Scheduled); err != nil {
			return false, err
		}
	}
	return !m.clock.Now().After(last.Time().Add(Window)), nil
}

// settling is how long after a moment of billing its invoice may be missing still.
const settling = time.Hour

// aboutToBeCharged tells whether a direct subscription may be charged while it is being canceled: the end of its trial or its
// anchor has come, or comes before the request arrives, and its invoice may not be there yet.
func (c *cancellation) aboutToBeCharged(m made) bool {
	for _, at := range m.charges {
		now := c.op.m.clock.Now()
		if !at.IsBlank() && !now.Add(beforeStart).Before(at.Time()) && now.Before(at.Time().Add(settling)) {
			return true
		}
	}
	return false
}
