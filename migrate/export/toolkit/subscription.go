// Package toolkit turns the subscriptions of a Stripe account into a file of Stripe's Billing migration toolkit. It
// guesses nothing: a subscription is ready, needs a decision of the user's, or cannot move, and every one of the
// account is counted as one of them.
package toolkit

import (
	"encoding/json"
	"strings"
)

// subscription is what is looked at of one of Stripe's, in the shapes of API versions before and after ours.
type subscription struct {
	ID                string                 `json:"id"`
	Status            string                 `json:"status"`
	Customer          ref                    `json:"customer"`
	StartDate         int64                  `json:"start_date"`
	PeriodEnd         int64                  `json:"current_period_end"`
	CancelAtPeriodEnd bool                   `json:"cancel_at_period_end"`
	CancelAt          int64                  `json:"cancel_at"`
	CanceledAt        int64                  `json:"canceled_at"`
	EndedAt           int64                  `json:"ended_at"`
	TrialEnd          int64                  `json:"trial_end"`
	Anchor            int64                  `json:"billing_cycle_anchor"`
	Collection        string                 `json:"collection_method"`
	DaysUntilDue      *int64                 `json:"days_until_due"`
	Currency          string                 `json:"currency"`
	Description       string                 `json:"description"`
	Metadata          map[string]string      `json:"metadata"`
	AutomaticTax      struct{ Enabled bool } `json:"automatic_tax"`
	TaxRates          []ref                  `json:"default_tax_rates"`
	Discount          *discount              `json:"discount"`
	Discounts         []discount             `json:"discounts"`
	Items             struct{ Data []item }  `json:"items"`
	Pause             json.RawMessage        `json:"pause_collection"`
	PendingUpdate     json.RawMessage        `json:"pending_update"`
	PendingInterval   json.RawMessage        `json:"pending_invoice_item_interval"`
	Thresholds        json.RawMessage        `json:"billing_thresholds"`
	TrialSettings     json.RawMessage        `json:"trial_settings"`
	Schedule          ref                    `json:"schedule"`
	FeePercent        json.RawMessage        `json:"application_fee_percent"`
	TransferData      json.RawMessage        `json:"transfer_data"`
	OnBehalfOf        ref                    `json:"on_behalf_of"`
	DefaultMethod     ref                    `json:"default_payment_method"`
	DefaultSource     ref                    `json:"default_source"`

	PaymentSettings struct {
		Types   json.RawMessage `json:"payment_method_types"`
		Options json.RawMessage `json:"payment_method_options"`
	} `json:"payment_settings"`
}

type item struct {
	Price      price           `json:"price"`
	Plan       *plan           `json:"plan"` // the older name of prices
	Quantity   *int64          `json:"quantity"`
	TaxRates   []ref           `json:"tax_rates"`
	Thresholds json.RawMessage `json:"billing_thresholds"`
	Discounts  []discount      `json:"discounts"`
	PeriodEnd  int64           `json:"current_period_end"`

	Metadata map[string]string `json:"metadata"`
}

type price struct {
	ID         string          `json:"id"`
	Active     bool            `json:"active"` // Stripe archives prices that were stated with a subscription
	Currency   string          `json:"currency"`
	UnitAmount *int64          `json:"unit_amount"`
	Scheme     string          `json:"billing_scheme"`
	Product    ref             `json:"product"`
	Transform  json.RawMessage `json:"transform_quantity"`
	Recurring  *recurring      `json:"recurring"`
}

type recurring struct {
	Interval string `json:"interval"`
	Count    int64  `json:"interval_count"`
	Usage    string `json:"usage_type"`
}

// plan is a price in the shape that came before.
type plan struct {
	ID       string          `json:"id"`
	Active   bool            `json:"active"`
	Currency string          `json:"currency"`
	Amount   *int64          `json:"amount"`
	Scheme   string          `json:"billing_scheme"`
	Product  ref             `json:"product"`
	Interval string          `json:"interval"`
	Count    int64           `json:"interval_count"`
	Usage    string          `json:"usage_type"`
	Divide   json.RawMessage `json:"transform_usage"`
}

// UnmarshalJSON reads an item; one that has a plan only gets its price from that.
func (i *item) UnmarshalJSON(text []byte) error {
	type plain item
	if err := json.Unmarshal(text, (*plain)(i)); err != nil || i.Plan == nil || i.Price.ID != "" {
		return err
	}
	p := i.Plan
	i.Price = price{ID: p.ID, Active: p.Active, Currency: p.Currency, UnitAmount: p.Amount, Scheme: p.Scheme, Product: p.Product, Transform: p.Divide,
		Recurring: &recurring{p.Interval, p.Count, p.Usage}}
	return nil
}

func (p price) metered() bool { return p.Recurring != nil && p.Recurring.Usage == "metered" }

// discount is a coupon that was given; one that is not expanded has only its own ID.
type discount struct {
	ID     string `json:"id"`
	End    int64  `json:"end"`
	Coupon coupon `json:"coupon"`
}

type coupon struct {
	ID        string          `json:"id"`
	Name      string          `json:"name"`
	Percent   json.RawMessage `json:"percent_off"`
	AmountOff *int64          `json:"amount_off"`
	Currency  string          `json:"currency"`
	Duration  string          `json:"duration"`
}

// UnmarshalJSON reads a discount or its ID.
func (d *discount) UnmarshalJSON(text []byte) error {
	if len(text) > 0 && text[0] == '"' {
		return json.Unmarshal(text, &d.ID)
	}
	type plain discount
	return json.Unmarshal(text, (*plain)(d))
}

// ref is a reference to an object, which may be expanded.
type ref struct {
	ID       string
	Expanded bool
	Deleted  bool
	Type     string // of a payment method
	Object   string
	Discount *discount // of a customer
	Balance  int64     // likewise, in minor units
	Default  *ref      // payment method of a customer
	Source   *ref      // likewise, of the older kind
}

// UnmarshalJSON reads an ID, an object, or null.
func (r *ref) UnmarshalJSON(text []byte) error {
	if len(text) > 0 && text[0] == '"' {
		return json.Unmarshal(text, &r.ID)
	}
	if string(text) == "null" {
		return nil
	}
	var o struct {
		ID       string    `json:"id"`
		Object   string    `json:"object"`
		Deleted  bool      `json:"deleted"`
		Type     string    `json:"type"`
		Balance  int64     `json:"balance"`
		Discount *discount `json:"discount"`
		Source   *ref      `json:"default_source"`
		Settings struct {
			Method *ref `json:"default_payment_method"`
		} `json:"invoice_settings"`
	}
	err := json.Unmarshal(text, &o)
	*r = ref{ID: o.ID, Expanded: true, Deleted: o.Deleted, Type: o.Type, Object: o.Object, Discount: o.Discount, Balance: o.Balance, Default: o.Settings.Method, Source: o.Source}
	return err
}

func (r *ref) empty() bool { return r == nil || r.ID == "" }

// present tells whether a field has a value.
func present(raw json.RawMessage) bool {
	text := strings.TrimSpace(string(raw))
	return text != "" && text != "null" && text != "{}"
}

// discounts returns the discounts of the subscription, each once.
func (s *subscription) discounts() []discount {
	var all []discount
	for _, d := range s.Discounts {
		if d.Coupon.ID != "" {
			all = append(all, d)
		}
	}
	if len(all) == 0 && s.Discount != nil {
		all = append(all, *s.Discount)
	}
	return all
}
