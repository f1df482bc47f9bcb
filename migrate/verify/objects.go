package verify

import (
	"encoding/json"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/internal/standing"
)

// scheduleObject is what is compared of a subscription schedule.
type scheduleObject struct {
	ID                   string            `json:"id"`
	Customer             standing.Ref      `json:"customer"`
	Status               string            `json:"status"`
	EndBehavior          string            `json:"end_behavior"`
	Metadata             map[string]string `json:"metadata"`
	Subscription         standing.Ref      `json:"subscription"`
	ReleasedSubscription standing.Ref      `json:"released_subscription"`
	Defaults             struct {
		AutomaticTax struct {
			Enabled bool `json:"enabled"`
		} `json:"automatic_tax"`
		CollectionMethod string          `json:"collection_method"`
		Invoices         invoiceSettings `json:"invoice_settings"`
	} `json:"default_settings"`
	Phases []phaseObject `json:"phases"`
}

type invoiceSettings struct {
	DaysUntilDue *int64 `json:"days_until_due"`
}

type phaseObject struct {
	StartDate    csvspec.Timestamp `json:"start_date"`
	EndDate      csvspec.Timestamp `json:"end_date"`
	TrialEnd     csvspec.Timestamp `json:"trial_end"`
	Items        []itemObject      `json:"items"`
	OneOffs      []itemObject      `json:"add_invoice_items"`
	AutomaticTax *struct {
		Enabled bool `json:"enabled"`
	} `json:"automatic_tax"`
	CollectionMethod  string            `json:"collection_method"`
	Invoices          *invoiceSettings  `json:"invoice_settings"`
	Coupon            standing.Ref      `json:"coupon"`
	Currency          string            `json:"currency"`
	TaxRates          []standing.Ref    `json:"default_tax_rates"`
	ProrationBehavior string            `json:"proration_behavior"`
	Metadata          map[string]string `json:"metadata"`
}

// subscriptionObject is what is compared of a subscription, of the destination or of the source account.
type subscriptionObject struct {
	ID                string            `json:"id"`
	Customer          standing.Ref      `json:"customer"`
	Status            string            `json:"status"`
	StartDate         csvspec.Timestamp `json:"start_date"`
	Created           csvspec.Timestamp `json:"created"`
	TrialEnd          csvspec.Timestamp `json:"trial_end"`
	Anchor            csvspec.Timestamp `json:"billing_cycle_anchor"`
	CurrentPeriodEnd  csvspec.Timestamp `json:"current_period_end"`
	CancelAt          csvspec.Timestamp `json:"cancel_at"`
	CancelAtPeriodEnd bool              `json:"cancel_at_period_end"`
	CanceledAt        csvspec.Timestamp `json:"canceled_at"` // when that was asked for
	EndedAt           csvspec.Timestamp `json:"ended_at"`
	CollectionMethod  string            `json:"collection_method"`
	DaysUntilDue      *int64            `json:"days_until_due"`
	Currency          string            `json:"currency"`
	Metadata          map[string]string `json:"metadata"`
	AutomaticTax      struct {
		Enabled bool `json:"enabled"`
	} `json:"automatic_tax"`
	TaxRates  []standing.Ref   `json:"default_tax_rates"`
	Discount  *discountObject  `json:"discount"`
	Discounts []discountObject `json:"discounts"` // of newer API versions
	Items     struct {
		Data []itemObject `json:"data"`
	} `json:"items"`
	Pause *struct {
		Behavior string `json:"behavior"`
	} `json:"pause_collection"`
}

// periodEnd is when what is paid ends; since 2025-03-31 it stands on the items.
func (s *subscriptionObject) periodEnd() csvspec.Timestamp {
	end := s.CurrentPeriodEnd
	for _, i := range s.Items.Data {
		if s.CurrentPeriodEnd.IsBlank() && (end.IsBlank() || i.PeriodEnd < end) {
			end = i.PeriodEnd
		}
	}
	return end
}

// coupon returns the coupon that is in force, with its duration; "" for none. Several are joined by commas.
func (s *subscriptionObject) coupon() (id, duration string) {
	if s.Discount != nil && s.Discount.Coupon.ID != "" {
		return s.Discount.Coupon.ID, s.Discount.Coupon.Duration
	}
	var all []string
	for _, d := range s.Discounts {
		if d.Coupon.ID != "" {
			all, duration = append(all, d.Coupon.ID), d.Coupon.Duration
		}
	}
	return strings.Join(all, ","), duration
}

// ended tells whether it is over.
func (s *subscriptionObject) ended() bool {
	return s.Status == "canceled" || s.Status == "incomplete_expired"
}

type itemObject struct {
	Price     priceObject       `json:"price"`
	Quantity  *int64            `json:"quantity"`
	PeriodEnd csvspec.Timestamp `json:"current_period_end"`
}

// quantity is blank for a metered price.
func (i itemObject) quantity() string {
	if i.Quantity == nil {
		return ""
	}
	return csvspec.Of(*i.Quantity).String()
}

type discountObject struct {
	Coupon couponObject      `json:"coupon"`
	End    csvspec.Timestamp `json:"end"`
}

type couponObject struct {
	ID         string              `json:"id"`
	Duration   string              `json:"duration"`
	Months     int64               `json:"duration_in_months"`
	PercentOff decimal.NullDecimal `json:"percent_off"`
	AmountOff  *int64              `json:"amount_off"`
	Currency   string              `json:"currency"`
}

// UnmarshalJSON reads a discount; one that was not expanded says nothing.
func (d *discountObject) UnmarshalJSON(text []byte) error {
	if len(text) > 0 && text[0] == '"' {
		return nil
	}
	type plain discountObject
	return json.Unmarshal(text, (*plain)(d))
}

// priceObject is a price, or only its ID.
type priceObject struct {
	ID          string              `json:"id"`
	Currency    string              `json:"currency"`
	Product     standing.Ref        `json:"product"`
	UnitAmount  decimal.NullDecimal `json:"unit_amount_decimal"`
	Whole       decimal.NullDecimal `json:"unit_amount"`
	Scheme      string              `json:"billing_scheme"`
	TaxBehavior string              `json:"tax_behavior"`
	Transform   *struct {
		DivideBy int64  `json:"divide_by"`
		Round    string `json:"round"`
	} `json:"transform_quantity"`
	Recurring *struct {
		Interval string `json:"interval"`
		Count    int64  `json:"interval_count"`
		Usage    string `json:"usage_type"`
	} `json:"recurring"`
}

// UnmarshalJSON reads both forms.
func (p *priceObject) UnmarshalJSON(text []byte) error {
	if len(text) > 0 && text[0] == '"' {
		return json.Unmarshal(text, &p.ID)
	}
	type plain priceObject
	return json.Unmarshal(text, (*plain)(p))
}

// amount is what a unit costs, as people read it; "" when it is not one amount.
func (p priceObject) amount() string {
	unit := p.UnitAmount
	if !unit.Valid {
		unit = p.Whole
	}
	switch {
	case !unit.Valid:
		return ""
	case unit.Decimal.IsInteger():
		return csvspec.Money{Minor: unit.Decimal.IntPart(), Currency: p.Currency}.String()
	}
	return unit.Decimal.String() + " minor units of " + strings.ToUpper(p.Currency)
}

// cycle is how often it is charged: month, or 3 month.
func (p priceObject) cycle() string {
	switch {
	case p.Recurring == nil:
		return ""
	case p.Recurring.Count > 1:
		return csvspec.Of(p.Recurring.Count).String() + " " + p.Recurring.Interval
	}
	return p.Recurring.Interval
}

func joinRefs(all []standing.Ref) string {
	texts := make([]string, len(all))
	for i, r := range all {
		texts[i] = string(r)
	}
	return strings.Join(texts, ",")
}
