// Package schedule turns a row into the subscription schedule that it becomes: pure data, computed without a clock, a
// network or the ledger.
//
//	row -> line items -> dates -> Strategy -> Schedule
//
// FromRow is the way in. A Strategy is how a combination of dates becomes the one phase of a schedule; a row that no
// schedule expresses is a *NotExpressibleError, which names the ways out. Tag is the mark that a migration leaves in
// the metadata of what it creates.
package schedule

import "github.com/subferry/subferry/csvspec"

// Schedule is the subscription schedule that one row becomes: pure data, which a Gateway turns into a request.
type Schedule struct {
	Customer    string            `json:"customer"`
	StartDate   csvspec.Timestamp `json:"start_date"`
	EndBehavior string            `json:"end_behavior"` // EndRelease or EndCancel
	Metadata    csvspec.Metadata  `json:"metadata,omitempty"`
	Phase       Phase             `json:"phase"`
}

// What happens when the only phase of a schedule ends.
const (
	EndRelease = "release" // the subscription goes on by itself
	EndCancel  = "cancel"  // the subscription ends
)

// Phase is the one phase that a migrated schedule has. Either Iterations or EndDate is stated, never both.
type Phase struct {
	Items             []Item            `json:"items"`
	InvoiceItems      []InvoiceItem     `json:"add_invoice_items,omitempty"`
	Iterations        int64             `json:"iterations,omitempty"`
	EndDate           csvspec.Timestamp `json:"end_date,omitempty"`
	Trial             bool              `json:"trial,omitempty"` // the whole phase is free of charge
	TrialEnd          csvspec.Timestamp `json:"trial_end,omitempty"`
	ProrationBehavior string            `json:"proration_behavior,omitempty"`
	CollectionMethod  string            `json:"collection_method,omitempty"`
	DaysUntilDue      csvspec.Int       `json:"days_until_due,omitzero"`
	AutomaticTax      bool              `json:"automatic_tax,omitempty"`
	DefaultTaxRate    string            `json:"default_tax_rate,omitempty"`
	Coupon            string            `json:"coupon,omitempty"`
	Currency          string            `json:"currency,omitempty"`
	Metadata          csvspec.Metadata  `json:"metadata,omitempty"` // only this reaches the subscription
}

// Item is something sold in every period: an existing price, or an amount of money every Interval for Product.
type Item struct {
	Price    string        `json:"price,omitempty"`
	Money    csvspec.Money `json:"money,omitzero"`
	Product  string        `json:"product,omitempty"`
	Interval string        `json:"interval,omitempty"`
	Quantity csvspec.Int   `json:"quantity,omitzero"` // blank for a metered price
}

// InvoiceItem is a one-off amount on the first invoice.
type InvoiceItem struct {
	Money   csvspec.Money `json:"money"`
	Product string        `json:"product"`
}
