package forecast

import (
	"encoding/json"
	"slices"

	"github.com/subferry/subferry/csvspec"
)

// Kind says which invoice of a subscription one is.
type Kind string

// The kinds.
const (
	Opening Kind = "opening" // when nothing that recurs is due yet: one-off items on the start date, or 0
	First   Kind = "first"   // the first one for what recurs
	Renewal Kind = "renewal"
	Final   Kind = "final" // at the end of the subscription, for usage that was not billed yet
)

// Charge is one invoice: when it is made and what it comes to, in minor units of Currency.
type Charge struct {
	At       csvspec.Timestamp
	Kind     Kind
	Currency string

	// Until is the end of the part of a period that Items are charged for; blank for a whole period.
	Until csvspec.Timestamp

	// Whole is the end of the whole period that such a part belongs to; blank for a whole one. It is not written as JSON.
	Whole csvspec.Timestamp

	Items       int64 // what recurs, before discount
	OneOffs     int64 // add_invoice_items, before discount
	Discount    int64 // taken off, not negative
	Tax         int64 // added
	TaxIncluded int64 // contained in the amounts above
	TaxExempted int64 // contained in them, and not paid by a customer who is exempt from tax

	// Total is Items + OneOffs - Discount + Tax - TaxExempted. It is 0 and means nothing unless
	// TotalKnown; the other amounts are then what is known of them.
	Total   int64
	Unknown []Reason

	// Balance is what the customer's balance changes of the total: a credit that is used is negative, a debt that is
	// added positive; an amount below the minimum charge that is carried on is negative as well.
	Balance int64

	// Due is Total + Balance: what is collected. It is 0 and means nothing when there are Unknown reasons.
	Due int64

	// Assumptions are what Total and Due rest on besides the account; none when they are computed from it alone.
	Assumptions []Assumption
}

// Basis says what the figures of a charge rest on.
type Basis string

// The bases.
const (
	FromAccount    Basis = "account"    // computed from what the account says
	FromAssumption Basis = "assumption" // computed, but with Assumptions
	NotKnown       Basis = "unknown"    // there are Unknown reasons
)

// Basis returns what the charge's figures rest on.
func (c Charge) Basis() Basis {
	switch {
	case !c.Known():
		return NotKnown
	case len(c.Assumptions) > 0:
		return FromAssumption
	}
	return FromAccount
}

// Known tells whether the total and the amount due are known.
func (c Charge) Known() bool { return len(c.Unknown) == 0 }

// TotalKnown tells whether the total is known, although what is collected of it may not be.
func (c Charge) TotalKnown() bool {
	return !slices.ContainsFunc(c.Unknown, func(r Reason) bool { return !r.OnlyDue() })
}

// Nothing tells whether the invoice is over 0 and nothing is collected: such an invoice is no charge.
func (c Charge) Nothing() bool { return c.Known() && c.Total == 0 && c.Due == 0 }

// BeforeTax returns what the invoice comes to without the tax that is added; false when that is not known.
func (c Charge) BeforeTax() (int64, bool) {
	for _, r := range c.Unknown {
		if !r.OnlyTax() && !r.OnlyDue() {
			return 0, false
		}
	}
	return c.Items + c.OneOffs - c.Discount - c.TaxExempted, true
}

// MarshalJSON writes the moment as RFC 3339, and a total or an amount due that is not known as null.
func (c Charge) MarshalJSON() ([]byte, error) {
	var total, due *int64
	if c.TotalKnown() {
		total = &c.Total
	}
	if c.Known() {
		due = &c.Due
	}
	return json.Marshal(struct {
		At          string       `json:"at"`
		Kind        Kind         `json:"kind"`
		Currency    string       `json:"currency"`
		Until       string       `json:"until,omitempty"`
		Items       int64        `json:"items"`
		OneOffs     int64        `json:"one_offs"`
		Discount    int64        `json:"discount"`
		Tax         int64        `json:"tax"`
		TaxIncluded int64        `json:"tax_included"`
		TaxExempted int64        `json:"tax_exempted,omitempty"`
		Total       *int64       `json:"total"`
		Balance     int64        `json:"balance"`
		Due         *int64       `json:"amount_due"`
		Basis       Basis        `json:"basis"`
		Assumptions []Assumption `json:"assumptions,omitempty"`
		Unknown     []Reason     `json:"unknown,omitempty"`
	}{c.At.String(), c.Kind, c.Currency, c.Until.String(), c.Items, c.OneOffs, c.Discount, c.Tax, c.TaxIncluded, c.TaxExempted,
		total, c.Balance, due, c.Basis(), c.Assumptions, c.Unknown})
}
