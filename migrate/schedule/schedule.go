// Package schedule turns a row into the subscription schedule, or the direct subscription, that it becomes: pure data,
// computed without a clock, a network or the ledger.
//
//	row -> line items -> dates -> Strategy -> Schedule or Subscription
//
// Planner is the way in. A Strategy is how a combination of dates becomes the one phase of a schedule; a row that no
// schedule expresses is a *NotExpressibleError, which names the ways out. Tag is the mark that a migration leaves in the
// metadata of what it creates.
//
// # Direct subscriptions
//
// A schedule takes neither a billing anchor nor a backdate. A subscription does, but it is created when the migration
// runs and exists from then on: the portal, the Dashboard and webhooks show it before its start date. So rows become one
// only when a Direct mode says so. S is start_date, A the anchor, B backdate_start_date, N = S plus one period.
//
//	DirectAnchored   S < A < N, none, with B or without    active, charged in full at A
//	DirectProrated   S < A < N, create_prorations or blank trialing until S, then S to A by the second, in full at A
//	DirectEnding     S < A < N, none, to be canceled       active, ends at A without a charge
//	DirectBackdated  B, none; A is blank, S or N           trialing until S, charged in full at S
//
// DirectProrated is what no schedule expresses: Needed makes direct subscriptions of these rows alone.
//
// Every other combination is what it is without direct subscriptions. Schedules: a row with trial_end, alone, with an
// anchor or with B, because created earlier its trial would begin earlier; B and cancel_at_period_end without an anchor,
// because the metadata keep the original start of a subscription that lasts one more period well enough. Refused: a
// trial that ends before an anchor whose rest would have to be prorated (trial_and_anchor); a prorated part before an anchor
// at which the subscription ends (anchor_prorated); B with proration (backdate_prorated); one-off items in a row that
// becomes a direct subscription, because they would be charged when it is created (direct_invoice_item).
//
// Stripe takes an anchor less than one period after now, or after trial_end. Whether a DirectAnchored or DirectEnding row can
// be created today depends on the clock and is checked by package validate (direct_anchor_far), and so does the trial of the
// others, which may be 730 days long (direct_start_far).
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
