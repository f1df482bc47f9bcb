package object

// Customer is a customer.
type Customer struct {
	ID                  string           `json:"id"`
	Object              string           `json:"object"`
	Address             *Address         `json:"address"`
	Balance             int64            `json:"balance"`
	Created             int64            `json:"created"`
	Currency            Text             `json:"currency"`
	DefaultSource       Null             `json:"default_source"`
	Delinquent          bool             `json:"delinquent"`
	Description         Text             `json:"description"`
	Discount            *Discount        `json:"discount"`
	Email               Text             `json:"email"`
	InvoicePrefix       Text             `json:"invoice_prefix"`
	InvoiceSettings     CustomerInvoices `json:"invoice_settings"`
	Livemode            bool             `json:"livemode"`
	Metadata            Metadata         `json:"metadata"`
	Name                Text             `json:"name"`
	NextInvoiceSequence int64            `json:"next_invoice_sequence"`
	Phone               Text             `json:"phone"`
	PreferredLocales    Array[string]    `json:"preferred_locales"`
	Shipping            *Shipping        `json:"shipping"`
	TaxExempt           string           `json:"tax_exempt"`
	TestClock           Text             `json:"test_clock"`
}

// Key is the customer's ID.
func (c *Customer) Key() string { return c.ID }

// CustomerInvoices are a customer's invoice settings.
type CustomerInvoices struct {
	CustomFields         Null `json:"custom_fields"`
	DefaultPaymentMethod Text `json:"default_payment_method"`
	Footer               Text `json:"footer"`
	RenderingOptions     Null `json:"rendering_options"`
}

// Address is a postal address.
type Address struct {
	City       Text `json:"city"`
	Country    Text `json:"country"`
	Line1      Text `json:"line1"`
	Line2      Text `json:"line2"`
	PostalCode Text `json:"postal_code"`
	State      Text `json:"state"`
}

// Shipping is where a customer receives goods.
type Shipping struct {
	Address Address `json:"address"`
	Name    Text    `json:"name"`
	Phone   Text    `json:"phone"`
}
