package object

// Subscription is a subscription.
type Subscription struct {
	ID                            string                  `json:"id"`
	Object                        string                  `json:"object"`
	Application                   Null                    `json:"application"`
	ApplicationFeePercent         Null                    `json:"application_fee_percent"`
	AutomaticTax                  AutomaticTax            `json:"automatic_tax"`
	BillingCycleAnchor            int64                   `json:"billing_cycle_anchor"`
	BillingCycleAnchorConfig      Null                    `json:"billing_cycle_anchor_config"`
	BillingThresholds             Null                    `json:"billing_thresholds"`
	CancelAt                      Stamp                   `json:"cancel_at"`
	CancelAtPeriodEnd             bool                    `json:"cancel_at_period_end"`
	CanceledAt                    Stamp                   `json:"canceled_at"`
	CancellationDetails           CancellationDetails     `json:"cancellation_details"`
	CollectionMethod              string                  `json:"collection_method"`
	Created                       int64                   `json:"created"`
	Currency                      string                  `json:"currency"`
	CurrentPeriodEnd              int64                   `json:"current_period_end"`
	CurrentPeriodStart            int64                   `json:"current_period_start"`
	Customer                      string                  `json:"customer"`
	DaysUntilDue                  *int64                  `json:"days_until_due"`
	DefaultPaymentMethod          Text                    `json:"default_payment_method"`
	DefaultSource                 Null                    `json:"default_source"`
	DefaultTaxRates               Array[*TaxRate]         `json:"default_tax_rates"`
	Description                   Text                    `json:"description"`
	Discount                      *Discount               `json:"discount"`
	EndedAt                       Stamp                   `json:"ended_at"`
	Items                         List[*SubscriptionItem] `json:"items"`
	LatestInvoice                 Text                    `json:"latest_invoice"`
	Livemode                      bool                    `json:"livemode"`
	Metadata                      Metadata                `json:"metadata"`
	NextPendingInvoiceItemInvoice Null                    `json:"next_pending_invoice_item_invoice"`
	OnBehalfOf                    Null                    `json:"on_behalf_of"`
	PauseCollection               *PauseCollection        `json:"pause_collection"`
	PaymentSettings               SubscriptionPayment     `json:"payment_settings"`
	PendingInvoiceItemInterval    Null                    `json:"pending_invoice_item_interval"`
	PendingSetupIntent            Null                    `json:"pending_setup_intent"`
	PendingUpdate                 Null                    `json:"pending_update"`
	Schedule                      Text                    `json:"schedule"`
	StartDate                     int64                   `json:"start_date"`
	Status                        string                  `json:"status"`
	TestClock                     Text                    `json:"test_clock"`
	TransferData                  Null                    `json:"transfer_data"`
	TrialEnd                      Stamp                   `json:"trial_end"`
	TrialSettings                 TrialSettings           `json:"trial_settings"`
	TrialStart                    Stamp                   `json:"trial_start"`
}

// The states of a subscription the sandbox knows.
const (
	SubscriptionTrialing          = "trialing"
	SubscriptionActive            = "active"
	SubscriptionPastDue           = "past_due"
	SubscriptionPaused            = "paused"
	SubscriptionUnpaid            = "unpaid"
	SubscriptionCanceled          = "canceled"
	SubscriptionIncomplete        = "incomplete"
	SubscriptionIncompleteExpired = "incomplete_expired"
)

// Key is the subscription's ID.
func (s *Subscription) Key() string { return s.ID }

// PauseCollection says what becomes of the invoices of a subscription that is not collected from.
type PauseCollection struct {
	Behavior  string `json:"behavior"` // keep_as_draft, mark_uncollectible or void
	ResumesAt Stamp  `json:"resumes_at"`
}

// PausedAt tells whether collection is paused at a time.
func (s *Subscription) PausedAt(at int64) bool {
	return s.PauseCollection != nil && (s.PauseCollection.ResumesAt == 0 || at < int64(s.PauseCollection.ResumesAt))
}

// CancellationDetails say why a subscription ended.
type CancellationDetails struct {
	Comment  Text `json:"comment"`
	Feedback Text `json:"feedback"`
	Reason   Text `json:"reason"`
}

// SubscriptionPayment are a subscription's payment settings.
type SubscriptionPayment struct {
	PaymentMethodOptions     Null   `json:"payment_method_options"`
	PaymentMethodTypes       Null   `json:"payment_method_types"`
	SaveDefaultPaymentMethod string `json:"save_default_payment_method"`
}

// TrialSettings say what happens when a trial ends without a payment method.
type TrialSettings struct {
	EndBehavior TrialEndBehavior `json:"end_behavior"`
}

// TrialEndBehavior is create_invoice here, Stripe's default.
type TrialEndBehavior struct {
	MissingPaymentMethod string `json:"missing_payment_method"`
}

// SubscriptionItem is one price of a subscription.
type SubscriptionItem struct {
	ID                string          `json:"id"`
	Object            string          `json:"object"`
	BillingThresholds Null            `json:"billing_thresholds"`
	Created           int64           `json:"created"`
	Metadata          Metadata        `json:"metadata"`
	Price             *Price          `json:"price"`
	Quantity          *int64          `json:"quantity,omitempty"`
	Subscription      string          `json:"subscription"`
	TaxRates          Array[*TaxRate] `json:"tax_rates"`
}
