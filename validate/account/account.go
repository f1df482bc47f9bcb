// Package account has the types of what is known of a Stripe account: what exists there, as far as a migration has to
// know it. It knows nothing of Stripe's API or of files.
package account

import (
	"github.com/shopspring/decimal"

	"github.com/subferry/subferry/csvspec"
)

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

	// SourceIDs are IDs that belong to the account which the subscriptions come from, with this account's ID for the same
	// thing, "" when that is not known. Nil when nobody has said.
	SourceIDs map[string]string

	// Unlike are this account's prices and coupons, by ID, that are sold on other terms than what they stand for in the
	// account which the subscriptions come from. Nil when that was not compared.
	Unlike map[string][]Unlike
}

// Unlike is what a price or coupon of the source account is, and what stands for it here, both in words.
type Unlike struct{ Source, Here, There string }

// Price is an existing price.
type Price struct {
	ID            string
	Product       string
	Active        bool
	Interval      string // day, week, month or year; "" when the price is not recurring
	IntervalCount int64
	Metered       bool

	// Currency is the default currency, the one of a row that names none (pricing models guide, multi-currency prices).
	Currency string

	// Amounts is what the price costs, by currency, the default one included. A currency it lacks is one that the
	// price cannot be sold in.
	Amounts map[string]PriceAmount

	Volume  bool // of tiers: all units cost what the tier reached says, instead of each tier its own units
	Package Package
}

// PriceAmount is what a price costs in one currency, in minor units.
type PriceAmount struct {
	Unit        decimal.Decimal // of one unit, or one package; it may have a fraction. Means nothing beside Tiers or Open
	Tiers       []Tier          // none: the price is not tiered
	Open        bool            // the customer chooses the amount
	TaxBehavior string          // inclusive, exclusive or unspecified; "" when it was not looked up
}

// Tier is the price of the units up to UpTo, in minor units.
type Tier struct {
	UpTo int64 // 0 is without end
	Unit decimal.Decimal
	Flat decimal.Decimal // due once the tier is reached
}

// In returns what the price costs in the currency; false when it cannot be sold in that.
func (p Price) In(currency string) (PriceAmount, bool) {
	amount, ok := p.Amounts[currency]
	return amount, ok
}

// Fixed returns what a price costs that has a single whole amount per unit in one currency.
func Fixed(currency string, minor int64, taxBehavior string) map[string]PriceAmount {
	return map[string]PriceAmount{currency: {Unit: decimal.NewFromInt(minor), TaxBehavior: taxBehavior}}
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
	Valid    bool   // false once it is expired, or used up
	Duration string // once, repeating or forever

	// Of PercentOff and AmountOff one is set.
	PercentOff       Percent
	AmountOff        int64            // minor units of Currency, off each invoice that the coupon counts for
	Currency         string           // "" for a percentage
	AmountsOff       map[string]int64 // the same in further currencies
	DurationInMonths int64            // of a repeating one
	Products         []string         // the only products that it counts for; none means all

	RedeemBy       csvspec.Timestamp // the last moment at which it can be redeemed; blank when there is none
	MaxRedemptions int64             // how often it can be redeemed in all; 0 is without limit
	TimesRedeemed  int64             // how often it has been
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

	// Currency is the one that all live subscriptions, schedules, discounts, quotes and pending invoice items of the
	// customer share; "" while there is none.
	Currency string

	// Balance is what the next finalized invoice takes into account, in minor units of Currency: a credit is negative,
	// a debt positive.
	Balance int64

	// CardExpires is the first moment at which the card that is the default payment method is no longer valid; blank when it
	// is no card, or was not looked at.
	CardExpires csvspec.Timestamp

	// Subscriptions are those that have not ended, ten at most; Current counts them and the schedules that have not started,
	// as far as those were looked at.
	Subscriptions []Subscription
	Current       int64

	TaxExempt string    // none, exempt or reverse; "" when it was not looked up
	Discount  *Discount // the customer's own, which counts for subscriptions that have none; nil without one
}

// Subscription is one that a customer has.
type Subscription struct {
	ID     string
	Status string
	Prices []string // of its items
	Ours   bool     // a migration of this program has made it
}

// Discount is a coupon that a customer has.
type Discount struct {
	Coupon Coupon
	Start  csvspec.Timestamp
	End    csvspec.Timestamp // blank when it does not end by itself
}
