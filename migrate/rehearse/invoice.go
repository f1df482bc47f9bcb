package rehearse

import (
	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/forecast"
)

// Invoice is an invoice that a sandbox has made, as far as money is concerned. Amounts are in minor units.
type Invoice struct {
	ID          string // as Customer and Lines, left blank unless somebody is shown invoices
	Customer    string
	Created     csvspec.Timestamp
	DueDate     csvspec.Timestamp // blank when it is charged automatically
	Currency    string
	Status      string // draft, open, paid or void
	Attempted   bool
	Subtotal    int64
	Discount    int64
	Tax         int64 // added to the amounts
	TaxIncluded int64 // contained in them
	Total       int64
	AmountDue   int64 // Total less what the customer had as credit, or with what it owed; that of a draft is not final
	Lines       []Line

	// Forecast is what it was compared with, which says what the amounts rest on. It is there while Config.Each is shown
	// the invoice; nil for an invoice that was not forecast.
	Forecast *forecast.Charge

	row int64 // of the file; 0 while it is not known
}

// Line is one line of an invoice.
type Line struct {
	Product   string
	Quantity  int64
	Amount    int64 // before discount and added tax
	From, To  csvspec.Timestamp
	Proration bool
	OneOff    bool // not part of what recurs
}

// failed tells whether the invoice was to be charged and could not be.
func (i *Invoice) failed() bool { return (i.Status == "open" || i.Status == "void") && i.Attempted }

// nothing tells whether the invoice is over 0 and nothing is collected: such an invoice is no charge.
func (i *Invoice) nothing() bool { return i.Total == 0 && i.AmountDue == 0 }

// amounts are what a forecast is compared with.
func (i *Invoice) amounts() Amounts {
	return Amounts{At: i.Created, Currency: i.Currency, Total: i.Total, Due: i.AmountDue, Discount: i.Discount, Tax: i.Tax, TaxIncluded: i.TaxIncluded}
}
