package sandbox

import (
	"time"

	"github.com/subferry/subferry/migrate/sandbox/internal/object"
)

// Invoice is an invoice as TakeInvoices shows it: the part of the API's object that is about money. Amounts are in
// minor units, times are Unix seconds and 0 when there is none.
type Invoice struct {
	ID           string
	Customer     string
	Subscription string
	Created      int64
	DueDate      int64 // 0 when it is charged automatically
	Currency     string
	Status       string // draft, open, paid or void
	Attempted    bool
	Subtotal     int64
	Discount     int64
	Tax          int64 // added to the amounts
	TaxIncluded  int64 // contained in them
	Total        int64
	AmountDue    int64
	Lines        []InvoiceLine

	metadata object.Metadata
}

// SubscriptionMetadata returns a value of the metadata that the subscription had when the invoice was made, "" when
// there is none.
func (i *Invoice) SubscriptionMetadata(key string) string { return i.metadata.Get(key) }

// InvoiceLine is one line of an Invoice.
type InvoiceLine struct {
	Product   string
	Quantity  int64
	Amount    int64 // before discount and added tax
	From, To  int64
	Proration bool
	OneOff    bool // an invoice item that is no proration
}

// TakeInvoices shows the invoices made before a time, the newest first, as far as a list of all invoices would, and
// then drops those that the clock will not change any more. It is for a caller that goes on for so long that keeping
// all would take too much memory: an object of the API is many times as large as what is shown. An invoice that is
// dropped is no longer found, also where another object names it.
func (s *Server) TakeInvoices(before time.Time, show func(Invoice)) error {
	return s.store.Do(func() error {
		err := s.store.TakeInvoices(before.Unix(), func(o *object.Invoice) {
			if o.TestClock != "" {
				return
			}
			i := Invoice{
				ID: o.ID, Customer: o.Customer, Subscription: string(o.Subscription), metadata: o.SubscriptionDetails.Metadata,
				Created: o.Created, DueDate: int64(o.DueDate), Currency: o.Currency, Status: o.Status, Attempted: o.Attempted,
				Subtotal: o.Subtotal, Total: o.Total, AmountDue: o.AmountDue, Lines: make([]InvoiceLine, len(o.Lines.Data)),
			}
			for _, d := range o.TotalDiscountAmounts {
				i.Discount += d.Amount
			}
			for _, t := range o.TotalTaxAmounts {
				if t.Inclusive {
					i.TaxIncluded += t.Amount
				} else {
					i.Tax += t.Amount
				}
			}
			for n, l := range o.Lines.Data {
				i.Lines[n] = InvoiceLine{
					Product: l.Price.Product, Quantity: object.Quantity(l.Quantity), Amount: l.Amount, From: l.Period.Start, To: l.Period.End,
					Proration: l.Proration, OneOff: l.Type == "invoiceitem" && !l.Proration,
				}
			}
			show(i)
		})
		if err != nil {
			return err
		}
		return s.store.Settle()
	})
}
