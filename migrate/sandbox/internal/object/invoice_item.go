package object

// InvoiceItem is a line that waits for an invoice.
type InvoiceItem struct {
	ID                string          `json:"id"`
	Object            string          `json:"object"`
	Amount            int64           `json:"amount"`
	Currency          string          `json:"currency"`
	Customer          string          `json:"customer"`
	Date              int64           `json:"date"`
	Description       Text            `json:"description"`
	Discountable      bool            `json:"discountable"`
	Discounts         Array[string]   `json:"discounts"`
	Invoice           Null            `json:"invoice"`
	Livemode          bool            `json:"livemode"`
	Metadata          Metadata        `json:"metadata"`
	Period            Period          `json:"period"`
	Price             *Price          `json:"price"`
	Proration         bool            `json:"proration"`
	Quantity          int64           `json:"quantity"`
	Subscription      Text            `json:"subscription"`
	TaxRates          Array[*TaxRate] `json:"tax_rates"`
	TestClock         Text            `json:"test_clock"`
	UnitAmount        *int64          `json:"unit_amount"`
	UnitAmountDecimal Text            `json:"unit_amount_decimal"`
}

// Key is the invoice item's ID.
func (i *InvoiceItem) Key() string { return i.ID }

// PaymentIntent is the payment of an invoice, as far as it tells why it has failed.
type PaymentIntent struct {
	ID                 string        `json:"id"`
	Object             string        `json:"object"`
	Amount             int64         `json:"amount"`
	AmountReceived     int64         `json:"amount_received"`
	CaptureMethod      string        `json:"capture_method"`
	ConfirmationMethod string        `json:"confirmation_method"`
	Created            int64         `json:"created"`
	Currency           string        `json:"currency"`
	Customer           string        `json:"customer"`
	Invoice            string        `json:"invoice"`
	LastPaymentError   *PaymentError `json:"last_payment_error"`
	Livemode           bool          `json:"livemode"`
	Metadata           Metadata      `json:"metadata"`
	PaymentMethodTypes []string      `json:"payment_method_types"`
	Status             string        `json:"status"`
}

// PaymentError is why a payment failed.
type PaymentError struct {
	Type        string `json:"type"`
	Code        string `json:"code"`
	DeclineCode string `json:"decline_code"`
	Message     string `json:"message"`
}
