package object

// Product is what is sold.
type Product struct {
	ID                  string                `json:"id"`
	Object              string                `json:"object"`
	Active              bool                  `json:"active"`
	Created             int64                 `json:"created"`
	DefaultPrice        Text                  `json:"default_price"`
	Description         Text                  `json:"description"`
	Features            Array[ProductFeature] `json:"features"`
	Images              Array[string]         `json:"images"`
	Livemode            bool                  `json:"livemode"`
	Metadata            Metadata              `json:"metadata"`
	Name                string                `json:"name"`
	PackageDimensions   Null                  `json:"package_dimensions"`
	Shippable           *bool                 `json:"shippable"`
	StatementDescriptor Text                  `json:"statement_descriptor"`
	TaxCode             Text                  `json:"tax_code"`
	UnitLabel           Text                  `json:"unit_label"`
	Updated             int64                 `json:"updated"`
	URL                 Text                  `json:"url"`
}

// Key is the product's ID.
func (p *Product) Key() string { return p.ID }

// ProductFeature is one line of a pricing table.
type ProductFeature struct {
	Name string `json:"name"`
}

// Price is what a product costs.
type Price struct {
	ID                string                    `json:"id"`
	Object            string                    `json:"object"`
	Active            bool                      `json:"active"`
	BillingScheme     string                    `json:"billing_scheme"`
	Created           int64                     `json:"created"`
	Currency          string                    `json:"currency"`
	CurrencyOptions   map[string]CurrencyOption `json:"currency_options,omitempty"`
	CustomUnitAmount  Null                      `json:"custom_unit_amount"`
	Livemode          bool                      `json:"livemode"`
	LookupKey         Text                      `json:"lookup_key"`
	Metadata          Metadata                  `json:"metadata"`
	Nickname          Text                      `json:"nickname"`
	Product           string                    `json:"product"`
	Recurring         *Recurring                `json:"recurring"`
	TaxBehavior       Text                      `json:"tax_behavior"`
	Tiers             []Tier                    `json:"tiers,omitempty"`
	TiersMode         Text                      `json:"tiers_mode"`
	TransformQuantity *TransformQuantity        `json:"transform_quantity"`
	Type              string                    `json:"type"`
	UnitAmount        *int64                    `json:"unit_amount"`
	UnitAmountDecimal Text                      `json:"unit_amount_decimal"`
}

// Key is the price's ID.
func (p *Price) Key() string { return p.ID }

// Recurring is how often a price is charged.
type Recurring struct {
	AggregateUsage Text   `json:"aggregate_usage"`
	Interval       string `json:"interval"`
	IntervalCount  int64  `json:"interval_count"`
	UsageType      string `json:"usage_type"`
	Meter          Text   `json:"meter,omitempty"` // whose usage is charged
}

// Tier is one step of a tiered price; UpTo nil is the last one.
type Tier struct {
	FlatAmount        *int64 `json:"flat_amount"`
	FlatAmountDecimal Text   `json:"flat_amount_decimal"`
	UnitAmount        *int64 `json:"unit_amount"`
	UnitAmountDecimal Text   `json:"unit_amount_decimal"`
	UpTo              *int64 `json:"up_to"`
}

// CurrencyOption is what a price costs in another currency.
type CurrencyOption struct {
	CustomUnitAmount  Null   `json:"custom_unit_amount"`
	TaxBehavior       Text   `json:"tax_behavior"`
	Tiers             []Tier `json:"tiers,omitempty"`
	UnitAmount        *int64 `json:"unit_amount"`
	UnitAmountDecimal Text   `json:"unit_amount_decimal"`
}

// TransformQuantity divides a quantity before it is priced.
type TransformQuantity struct {
	DivideBy int64  `json:"divide_by"`
	Round    string `json:"round"`
}

// Metered tells whether the price is charged by usage. Without a meter there is no usage, and the price comes to its price
// for nothing.
func (p *Price) Metered() bool { return p.Recurring != nil && p.Recurring.UsageType == "metered" }

// ByMeter tells whether the price is charged by what a meter has counted.
func (p *Price) ByMeter() bool { return p.Metered() && p.Recurring.Meter != "" }

// Quantity is a quantity that may be missing, which counts as 0.
func Quantity(quantity *int64) int64 {
	if quantity == nil {
		return 0
	}
	return *quantity
}
