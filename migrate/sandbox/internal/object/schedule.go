package object

// Schedule is a subscription schedule.
type Schedule struct {
	ID                   string           `json:"id"`
	Object               string           `json:"object"`
	Application          Null             `json:"application"`
	CanceledAt           Stamp            `json:"canceled_at"`
	CompletedAt          Stamp            `json:"completed_at"`
	Created              int64            `json:"created"`
	CurrentPhase         *CurrentPhase    `json:"current_phase"`
	Customer             string           `json:"customer"`
	DefaultSettings      ScheduleDefaults `json:"default_settings"`
	EndBehavior          string           `json:"end_behavior"`
	Livemode             bool             `json:"livemode"`
	Metadata             Metadata         `json:"metadata"`
	Phases               Array[Phase]     `json:"phases"`
	ReleasedAt           Stamp            `json:"released_at"`
	ReleasedSubscription Text             `json:"released_subscription"`
	Status               string           `json:"status"`
	Subscription         Text             `json:"subscription"`
	TestClock            Text             `json:"test_clock"`
}

// The states of a schedule.
const (
	ScheduleNotStarted = "not_started"
	ScheduleActive     = "active"
	ScheduleCompleted  = "completed"
	ScheduleReleased   = "released"
	ScheduleCanceled   = "canceled"
)

// Key is the schedule's ID.
func (s *Schedule) Key() string { return s.ID }

// CurrentPhase is when the phase in force began and ends.
type CurrentPhase struct {
	EndDate   int64 `json:"end_date"`
	StartDate int64 `json:"start_date"`
}

// ScheduleDefaults hold where a phase says nothing, and after the last phase.
type ScheduleDefaults struct {
	ApplicationFeePercent Null             `json:"application_fee_percent"`
	AutomaticTax          AutomaticTax     `json:"automatic_tax"`
	BillingCycleAnchor    string           `json:"billing_cycle_anchor"`
	BillingThresholds     Null             `json:"billing_thresholds"`
	CollectionMethod      Text             `json:"collection_method"`
	DefaultPaymentMethod  Text             `json:"default_payment_method"`
	Description           Text             `json:"description"`
	InvoiceSettings       ScheduleInvoices `json:"invoice_settings"`
	OnBehalfOf            Null             `json:"on_behalf_of"`
	TransferData          Null             `json:"transfer_data"`
}

// AutomaticTax tells whether Stripe Tax computes the tax.
type AutomaticTax struct {
	Enabled   bool `json:"enabled"`
	Liability Null `json:"liability"`
}

// ScheduleInvoices are a schedule's invoice settings.
type ScheduleInvoices struct {
	AccountTaxIDs Null   `json:"account_tax_ids"`
	DaysUntilDue  *int64 `json:"days_until_due"`
	Issuer        Issuer `json:"issuer"`
}

// Issuer is the account an invoice comes from; here always the own one.
type Issuer struct {
	Type string `json:"type"`
}

// Phase is one phase of a schedule.
type Phase struct {
	AddInvoiceItems       Array[AddInvoiceItem] `json:"add_invoice_items"`
	ApplicationFeePercent Null                  `json:"application_fee_percent"`
	AutomaticTax          *AutomaticTax         `json:"automatic_tax,omitempty"`
	BillingCycleAnchor    Text                  `json:"billing_cycle_anchor"`
	BillingThresholds     Null                  `json:"billing_thresholds"`
	CollectionMethod      Text                  `json:"collection_method"`
	Coupon                Text                  `json:"coupon"`
	Currency              string                `json:"currency"`
	DefaultPaymentMethod  Text                  `json:"default_payment_method"`
	DefaultTaxRates       Array[*TaxRate]       `json:"default_tax_rates"`
	Description           Text                  `json:"description"`
	EndDate               int64                 `json:"end_date"`
	InvoiceSettings       *PhaseInvoices        `json:"invoice_settings"`
	Items                 Array[PhaseItem]      `json:"items"`
	Metadata              Metadata              `json:"metadata"`
	OnBehalfOf            Null                  `json:"on_behalf_of"`
	ProrationBehavior     string                `json:"proration_behavior"`
	StartDate             int64                 `json:"start_date"`
	TransferData          Null                  `json:"transfer_data"`
	TrialEnd              Stamp                 `json:"trial_end"`
}

// PhaseInvoices are a phase's invoice settings.
type PhaseInvoices struct {
	AccountTaxIDs Null   `json:"account_tax_ids"`
	DaysUntilDue  *int64 `json:"days_until_due"`
	Issuer        Null   `json:"issuer"`
}

// PhaseItem is one recurring price of a phase.
type PhaseItem struct {
	BillingThresholds Null            `json:"billing_thresholds"`
	Metadata          Metadata        `json:"metadata"`
	Price             string          `json:"price"`
	Quantity          *int64          `json:"quantity,omitempty"`
	TaxRates          Array[*TaxRate] `json:"tax_rates"`
}

// AddInvoiceItem is a one-off on a phase's first invoice.
type AddInvoiceItem struct {
	Price    string          `json:"price"`
	Quantity *int64          `json:"quantity"`
	TaxRates Array[*TaxRate] `json:"tax_rates"`
}
