package forecast

// Assumption is something that an amount rests on and that neither the account nor Stripe's documentation states.
// Assumptions are stable, for scripts.
type Assumption string

// The assumptions.
const (
	MadeUpAccount       Assumption = "made_up_account"        // prices and coupons were made up, because no account was given
	CustomerNotLookedUp Assumption = "customer_not_looked_up" // neither balance, nor discount, nor exemption from tax
	OnceCouponSurvives  Assumption = "once_coupon_survives"   // an invoice over 0 does not use up a coupon for once
	RepeatingFromStart  Assumption = "repeating_from_start"   // a repeating coupon's months count from the start date
	PercentPerLine      Assumption = "percent_per_line"       // a percentage is taken off and rounded line by line
	FractionsPerTier    Assumption = "fractions_per_tier"     // fractions of a minor unit are rounded tier by tier
	BalanceInFileOrder  Assumption = "balance_by_time"        // nothing but the file's invoices uses the customer's balance
	MinimumNotPublished Assumption = "minimum_not_published"  // the currency's minimum charge is not published, and not applied
)

// Description says in a sentence without its full stop what is assumed, or "" for an assumption that does not exist.
func (a Assumption) Description() string {
	switch a {
	case MadeUpAccount:
		return "prices and coupons were made up, because no account was given"
	case CustomerNotLookedUp:
		return "the customer was not looked up: no balance, no discount of its own and no exemption from tax are assumed"
	case OnceCouponSurvives:
		return "an invoice over 0 does not use up a coupon that counts once"
	case RepeatingFromStart:
		return "the months of a repeating coupon count from the start date"
	case PercentPerLine:
		return "a percentage is taken off, and rounded, line by line"
	case FractionsPerTier:
		return "fractions of a minor unit are rounded tier by tier"
	case BalanceInFileOrder:
		return "no invoice but those of this file uses the customer's balance, the earliest first"
	case MinimumNotPublished:
		return "the smallest amount that Stripe charges in this currency is not published, and is not applied"
	}
	return ""
}
