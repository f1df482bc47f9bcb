package validate

// Account is what is known of the Stripe account a file is meant for. A nil map means that objects of the kind
// were not looked up: checks that need them wait. A map that lacks an ID means that the account lacks it.
type Account struct {
	ID        string
	Livemode  bool
	Prices    map[string]Price
	Products  map[string]Product
	Coupons   map[string]Coupon
	TaxRates  map[string]TaxRate
	Customers map[string]Customer
}

// Price is an existing price.
type Price struct {
	ID            string
	Product       string
	Active        bool
	Interval      string // day, week, month or year; "" when the price is not recurring
	IntervalCount int64
	Currency      string
	UnitAmount    int64    // minor units of Currency
	HasUnitAmount bool     // false for tiered prices and amounts with fractions of a minor unit
	Currencies    []string // further currencies of a multi-currency price
	Metered       bool
	TaxBehavior   string // inclusive, exclusive or unspecified

	// What only the computation of charges needs.
	Tiered      bool             // what a unit costs depends on how many there are
	UnitAmounts map[string]int64 // minor units in those of Currencies whose amount is fixed and whole
	Package     Package
}

// Package is how a price counts units that are sold in packages only. The zero value is a price by the unit.
type Package struct {
	Size    int64 // units in one package
	RoundUp bool  // a package that is not full is charged; otherwise it is given away
}

// Product is an existing product.
type Product struct {
	ID     string
	Active bool
}

// Coupon is an existing coupon.
type Coupon struct {
	ID       string
	Valid    bool
	Duration string // once, repeating or forever

	// What only the computation of charges needs. Of PercentOff and AmountOff one is set.
	PercentOff       Percent
	AmountOff        int64            // minor units of Currency, off each invoice that the coupon counts for
	Currency         string           // "" for a percentage
	AmountsOff       map[string]int64 // the same in further currencies
	DurationInMonths int64            // of a repeating one
	Products         []string         // the only products that it counts for; none means all
}

// TaxRate is an existing tax rate.
type TaxRate struct {
	ID        string
	Active    bool
	Inclusive bool
	Percent   Percent
}

// Customer is an existing customer, as far as billing needs it.
type Customer struct {
	ID               string
	HasPaymentMethod bool // a default one
	HasEmail         bool
	HasTaxLocation   bool // an address or a postal code
}
