package csvspec

// Money is an amount in the minor units of its currency (cents for usd, yen for jpy).
type Money struct {
	Minor    int64
	Currency string // ISO code, lower case
}

// Unit says how a file states its amounts. Stripe's documentation exists in two wordings that differ by a factor
// of 100, so the unit is never guessed from the amounts.
type Unit uint8

// The units. UnitUnstated reads like UnitMinor, but the reader's user has not said so.
const (
	UnitUnstated Unit = iota
	UnitMinor         // a whole number of minor units: 2150 is 21.50 USD
	UnitMajor         // full units with decimals: 21.50 is 21.50 USD
)
