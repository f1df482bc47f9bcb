package schedule

import (
	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate"
)

// Direct says which rows become direct subscriptions instead of schedules: subscriptions that are created when the
// migration runs, at least a day before their start date, and exist from then on.
type Direct = validate.Direct

// The modes.
const (
	Never  = validate.DirectNever  // every row becomes a schedule, or is refused
	Exact  = validate.DirectExact  // every row that a direct strategy fits
	Needed = validate.DirectNeeded // only rows that no schedule expresses: DirectProrated
)

// DirectMeaning says in full sentences what a direct subscription is to those who read a plan: what is seen of it, and when, and
// how it is undone.
const DirectMeaning = "A direct subscription is created by the migration itself, and not on its start date by a schedule: it exists as soon as " +
	"the migration runs. The customer portal and the Dashboard show it from then on, and webhooks fire. Canceling the migration " +
	"deletes it, without a charge or a credit, as long as it has charged nothing."

// Subscription is the direct subscription that one row becomes: pure data, which a Gateway turns into a request. Blank
// moments are not sent.
//
// It never has InvoiceItems: Stripe charges them when it is created, which is before the row's start date.
type Subscription struct {
	Customer           string            `json:"customer"`
	BackdateStartDate  csvspec.Timestamp `json:"backdate_start_date,omitempty"`
	BillingCycleAnchor csvspec.Timestamp `json:"billing_cycle_anchor,omitempty"`
	TrialEnd           csvspec.Timestamp `json:"trial_end,omitempty"`
	CancelAt           csvspec.Timestamp `json:"cancel_at,omitempty"`
	ProrationBehavior  string            `json:"proration_behavior"` // always stated
	Terms
}

// Terms are what the phase of a schedule and a direct subscription have in common: what is sold, and how it is paid.
type Terms struct {
	Items            []Item           `json:"items"`
	InvoiceItems     []InvoiceItem    `json:"add_invoice_items,omitempty"`
	CollectionMethod string           `json:"collection_method,omitempty"`
	DaysUntilDue     csvspec.Int      `json:"days_until_due,omitzero"`
	AutomaticTax     bool             `json:"automatic_tax,omitempty"`
	DefaultTaxRate   string           `json:"default_tax_rate,omitempty"`
	Coupon           string           `json:"coupon,omitempty"`
	Currency         string           `json:"currency,omitempty"`
	Metadata         csvspec.Metadata `json:"metadata,omitempty"`
}

// IsDirect tells whether the row becomes a direct subscription.
func (p *Planned) IsDirect() bool { return p.Subscription != nil }

// Customer returns whose subscription it will be.
func (p *Planned) Customer() string {
	if p.IsDirect() {
		return p.Subscription.Customer
	}
	return p.Schedule.Customer
}

// Terms returns what is sold and how it is paid, whatever the row becomes. The slices are shared with the plan.
func (p *Planned) Terms() Terms {
	if p.IsDirect() {
		return p.Subscription.Terms
	}
	phase := &p.Schedule.Phase
	return Terms{
		Items: phase.Items, InvoiceItems: phase.InvoiceItems, CollectionMethod: phase.CollectionMethod,
		DaysUntilDue: phase.DaysUntilDue, AutomaticTax: phase.AutomaticTax, DefaultTaxRate: phase.DefaultTaxRate,
		Coupon: phase.Coupon, Currency: phase.Currency, Metadata: phase.Metadata,
	}
}

// Tagged returns the plan with a tag on what the row becomes.
func (p Planned) Tagged(t Tag) Planned {
	if p.IsDirect() {
		tagged := p.Subscription.Tagged(t)
		p.Subscription = &tagged
		return p
	}
	p.Schedule = p.Schedule.Tagged(t)
	return p
}

// Tagged returns the subscription with a tag on it. Its own metadata is not changed.
func (s Subscription) Tagged(t Tag) Subscription {
	s.Metadata = append(s.Metadata[:len(s.Metadata):len(s.Metadata)], csvspec.KeyValue{Key: TagKey, Value: t.String()})
	return s
}
