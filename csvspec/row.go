package csvspec

// Row is one subscription to be: one row of any of the three templates, typed.
//
// A row read from a file carries its Source; a row that a program built has none. Blank cells are zero values.
// The csv tags are the column names (gocsv writes `items[0].price`, which the codec turns into the format's
// `items.0.price`); the validate tags say what a tag can say, the rest are the rules of package validate.
type Row struct {
	Customer           string        `csv:"customer" validate:"required,stripe_id=cus_"`
	StartDate          Timestamp     `csv:"start_date" validate:"required"`
	Price              string        `csv:"price"`
	Quantity           Int           `csv:"quantity"`
	Items              []Item        `csv:"items" csv[]:"20" validate:"max=20,dive"`
	AdhocItems         []AdhocItem   `csv:"adhoc_items" csv[]:"20" validate:"max=20,dive"`
	AddInvoiceItems    []InvoiceItem `csv:"add_invoice_items" csv[]:"20" validate:"max=20,dive"`
	Metadata           Metadata      `csv:"-" validate:"max=50,dive"`
	AutomaticTax       Bool          `csv:"automatic_tax"`
	DefaultTaxRate     string        `csv:"default_tax_rate" validate:"omitempty,stripe_id=txr_"`
	Coupon             string        `csv:"coupon"`
	Currency           string        `csv:"currency" validate:"omitempty,currency"`
	TrialEnd           Timestamp     `csv:"trial_end"`
	BillingCycleAnchor Timestamp     `csv:"billing_cycle_anchor"`
	ProrationBehavior  string        `csv:"proration_behavior" validate:"omitempty,oneof=create_prorations none"`
	CollectionMethod   string        `csv:"collection_method" validate:"omitempty,oneof=charge_automatically send_invoice"`
	DaysUntilDue       Int           `csv:"days_until_due"`
	BackdateStartDate  Timestamp     `csv:"backdate_start_date"`
	CancelAtPeriodEnd  Bool          `csv:"cancel_at_period_end"`

	// Source is where the row stands in its file; nil for a row built by a program.
	Source *Source `csv:"-" validate:"-"`
}

// Item is items.x.*: an existing recurring price on a subscription with several.
type Item struct {
	Price    string `csv:"price"`
	Quantity Int    `csv:"quantity"`
}

// IsBlank tells whether nothing of the item is stated.
func (i Item) IsBlank() bool { return i == Item{} }

// AdhocItem is adhoc_items.x.*: an amount stated in the file, for an existing product.
type AdhocItem struct {
	Amount   Int    `csv:"amount"` // minor units of Currency; 0 is free of charge, blank is not stated
	Product  string `csv:"product" validate:"omitempty,stripe_id=prod_"`
	Interval string `csv:"interval" validate:"omitempty,oneof=day week month year"`
	Currency string `csv:"currency" validate:"omitempty,currency"`
	Quantity Int    `csv:"quantity"`
}

// IsBlank tells whether nothing of the item is stated.
func (i AdhocItem) IsBlank() bool { return i == AdhocItem{} }

// Money returns the item's amount for one unit of quantity.
func (i AdhocItem) Money() Money { return Money{Minor: i.Amount.N, Currency: i.Currency} }

// InvoiceItem is add_invoice_items.x.*: a one-off item on the first invoice.
type InvoiceItem struct {
	Amount   Int    `csv:"amount"` // minor units of Currency
	Product  string `csv:"product" validate:"omitempty,stripe_id=prod_"`
	Currency string `csv:"currency" validate:"omitempty,currency"`
}

// IsBlank tells whether nothing of the item is stated.
func (i InvoiceItem) IsBlank() bool { return i == InvoiceItem{} }

// Money returns the item's amount.
func (i InvoiceItem) Money() Money { return Money{Minor: i.Amount.N, Currency: i.Currency} }

// KeyValue is one metadata entry that is not blank.
type KeyValue struct {
	Key   string `validate:"required,max=40,excludesall=[]"`
	Value string `validate:"max=500"`
}

// Metadata is the metadata of a row, in the order of the file's columns. Both spellings of a column,
// metadata.KEY and metadata_KEY, give the same Key.
type Metadata []KeyValue

// Get returns the value of the first entry with the key, or "".
func (m Metadata) Get(key string) string {
	for _, kv := range m {
		if kv.Key == key {
			return kv.Value
		}
	}
	return ""
}
