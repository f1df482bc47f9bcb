package object

import "cmp"

// Invoice is an invoice of a subscription.
type Invoice struct {
	ID                           string                `json:"id,omitempty"` // a preview has none
	Object                       string                `json:"object"`
	AccountCountry               Text                  `json:"account_country"`
	AccountName                  Text                  `json:"account_name"`
	AccountTaxIDs                Null                  `json:"account_tax_ids"`
	AmountDue                    int64                 `json:"amount_due"`
	AmountPaid                   int64                 `json:"amount_paid"`
	AmountRemaining              int64                 `json:"amount_remaining"`
	AmountShipping               int64                 `json:"amount_shipping"`
	Application                  Null                  `json:"application"`
	ApplicationFeeAmount         Null                  `json:"application_fee_amount"`
	AttemptCount                 int64                 `json:"attempt_count"`
	Attempted                    bool                  `json:"attempted"`
	AutoAdvance                  bool                  `json:"auto_advance"`
	AutomaticTax                 InvoiceAutomaticTax   `json:"automatic_tax"`
	BillingReason                string                `json:"billing_reason"`
	Charge                       Null                  `json:"charge"`
	CollectionMethod             string                `json:"collection_method"`
	Created                      int64                 `json:"created"`
	Currency                     string                `json:"currency"`
	CustomFields                 Null                  `json:"custom_fields"`
	Customer                     string                `json:"customer"`
	CustomerAddress              *Address              `json:"customer_address"`
	CustomerEmail                Text                  `json:"customer_email"`
	CustomerName                 Text                  `json:"customer_name"`
	CustomerPhone                Text                  `json:"customer_phone"`
	CustomerShipping             *Shipping             `json:"customer_shipping"`
	CustomerTaxExempt            string                `json:"customer_tax_exempt"`
	CustomerTaxIDs               Array[string]         `json:"customer_tax_ids"`
	DefaultPaymentMethod         Text                  `json:"default_payment_method"`
	DefaultSource                Null                  `json:"default_source"`
	DefaultTaxRates              Array[*TaxRate]       `json:"default_tax_rates"`
	Description                  Text                  `json:"description"`
	Discount                     *Discount             `json:"discount"`
	Discounts                    Array[string]         `json:"discounts"`
	DueDate                      Stamp                 `json:"due_date"`
	EffectiveAt                  Stamp                 `json:"effective_at"`
	EndingBalance                *int64                `json:"ending_balance"`
	Footer                       Text                  `json:"footer"`
	FromInvoice                  Null                  `json:"from_invoice"`
	HostedInvoiceURL             Null                  `json:"hosted_invoice_url"`
	InvoicePDF                   Null                  `json:"invoice_pdf"`
	Issuer                       Issuer                `json:"issuer"`
	LastFinalizationError        Null                  `json:"last_finalization_error"`
	LatestRevision               Null                  `json:"latest_revision"`
	Lines                        List[*InvoiceLine]    `json:"lines"`
	Livemode                     bool                  `json:"livemode"`
	Metadata                     Metadata              `json:"metadata"`
	NextPaymentAttempt           Stamp                 `json:"next_payment_attempt"`
	Number                       Text                  `json:"number"`
	OnBehalfOf                   Null                  `json:"on_behalf_of"`
	Paid                         bool                  `json:"paid"`
	PaidOutOfBand                bool                  `json:"paid_out_of_band"`
	PaymentIntent                Text                  `json:"payment_intent"`
	PaymentSettings              InvoicePayment        `json:"payment_settings"`
	PeriodEnd                    int64                 `json:"period_end"`
	PeriodStart                  int64                 `json:"period_start"`
	PostPaymentCreditNotesAmount int64                 `json:"post_payment_credit_notes_amount"`
	PrePaymentCreditNotesAmount  int64                 `json:"pre_payment_credit_notes_amount"`
	Quote                        Null                  `json:"quote"`
	ReceiptNumber                Null                  `json:"receipt_number"`
	Rendering                    Null                  `json:"rendering"`
	ShippingCost                 Null                  `json:"shipping_cost"`
	ShippingDetails              Null                  `json:"shipping_details"`
	StartingBalance              int64                 `json:"starting_balance"`
	StatementDescriptor          Null                  `json:"statement_descriptor"`
	Status                       string                `json:"status"`
	StatusTransitions            InvoiceTransitions    `json:"status_transitions"`
	Subscription                 Text                  `json:"subscription"`
	SubscriptionDetails          SubscriptionDetails   `json:"subscription_details"`
	Subtotal                     int64                 `json:"subtotal"`
	SubtotalExcludingTax         int64                 `json:"subtotal_excluding_tax"`
	Tax                          *int64                `json:"tax"`
	TestClock                    Text                  `json:"test_clock"`
	Total                        int64                 `json:"total"`
	TotalDiscountAmounts         Array[DiscountAmount] `json:"total_discount_amounts"`
	TotalExcludingTax            int64                 `json:"total_excluding_tax"`
	TotalTaxAmounts              Array[TaxAmount]      `json:"total_tax_amounts"`
	TransferData                 Null                  `json:"transfer_data"`
	WebhooksDeliveredAt          Stamp                 `json:"webhooks_delivered_at"`
}

// The states of an invoice the sandbox knows.
const (
	InvoiceDraft = "draft"
	InvoiceOpen  = "open"
	InvoicePaid  = "paid"
	InvoiceVoid  = "void"

	InvoiceUncollectible = "uncollectible"
)

// Key is the invoice's ID.
func (i *Invoice) Key() string { return i.ID }

// InvoiceAutomaticTax tells whether and with what result Stripe Tax ran.
type InvoiceAutomaticTax struct {
	Enabled   bool `json:"enabled"`
	Liability Null `json:"liability"`
	Status    Text `json:"status"`
}

// InvoicePayment are an invoice's payment settings.
type InvoicePayment struct {
	DefaultMandate       Null `json:"default_mandate"`
	PaymentMethodOptions Null `json:"payment_method_options"`
	PaymentMethodTypes   Null `json:"payment_method_types"`
}

// InvoiceTransitions are when an invoice reached its states.
type InvoiceTransitions struct {
	FinalizedAt           Stamp `json:"finalized_at"`
	MarkedUncollectibleAt Stamp `json:"marked_uncollectible_at"`
	PaidAt                Stamp `json:"paid_at"`
	VoidedAt              Stamp `json:"voided_at"`
}

// SubscriptionDetails are the subscription's metadata when the invoice was made.
type SubscriptionDetails struct {
	Metadata Metadata `json:"metadata"`
}

// DiscountAmount is what a discount takes off.
type DiscountAmount struct {
	Amount   int64  `json:"amount"`
	Discount string `json:"discount"`
}

// TaxAmount is what a tax rate comes to.
type TaxAmount struct {
	Amount           int64  `json:"amount"`
	Inclusive        bool   `json:"inclusive"`
	TaxRate          string `json:"tax_rate"`
	TaxabilityReason Text   `json:"taxability_reason"`
	TaxableAmount    *int64 `json:"taxable_amount"`
}

// InvoiceLine is one line of an invoice.
type InvoiceLine struct {
	ID                     string                `json:"id"`
	Object                 string                `json:"object"`
	Amount                 int64                 `json:"amount"`
	AmountExcludingTax     int64                 `json:"amount_excluding_tax"`
	Currency               string                `json:"currency"`
	Description            Text                  `json:"description"`
	DiscountAmounts        Array[DiscountAmount] `json:"discount_amounts"`
	Discountable           bool                  `json:"discountable"`
	Discounts              Array[string]         `json:"discounts"`
	Invoice                Text                  `json:"invoice"`
	InvoiceItem            string                `json:"invoice_item,omitempty"`
	Livemode               bool                  `json:"livemode"`
	Metadata               Metadata              `json:"metadata"`
	Period                 Period                `json:"period"`
	Price                  *Price                `json:"price"`
	Proration              bool                  `json:"proration"`
	ProrationDetails       ProrationDetails      `json:"proration_details"`
	Quantity               *int64                `json:"quantity"`
	Subscription           Text                  `json:"subscription"`
	SubscriptionItem       string                `json:"subscription_item,omitempty"`
	TaxAmounts             Array[TaxAmount]      `json:"tax_amounts"`
	TaxRates               Array[*TaxRate]       `json:"tax_rates"`
	Type                   string                `json:"type"`
	UnitAmountExcludingTax Text                  `json:"unit_amount_excluding_tax"`
}

// Period is the time a line is for.
type Period struct {
	End   int64 `json:"end"`
	Start int64 `json:"start"`
}

// ProrationDetails would name credited items; the sandbox never does.
type ProrationDetails struct {
	CreditedItems Null `json:"credited_items"`
}

// Pending is a line that waits for the next invoice of a subscription, or of any of a customer's subscriptions. The API
// shows it as an invoice item.
type Pending struct {
	ID           string       `json:"id"`
	Subscription string       `json:"subscription"`
	Customer     string       `json:"customer,omitempty"` // when there is no subscription
	Line         *InvoiceLine `json:"line"`
}

// Owner is whose next invoice the line waits for.
func (p *Pending) Owner() string { return cmp.Or(p.Subscription, p.Customer) }

// Key is the pending line's ID.
func (p *Pending) Key() string { return p.ID }
