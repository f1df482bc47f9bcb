package forecast

import "slices"

// Reason is why an amount is not known before it is charged. Reasons are stable, for scripts.
type Reason string

// The reasons.
const (
	PriceNotLookedUp   Reason = "price_not_looked_up"
	PriceTiersEnd      Reason = "price_tiers_end"
	PriceOpen          Reason = "price_open"
	PriceCurrency      Reason = "price_currency"
	MeteredUsage       Reason = "metered_usage"
	AmountTooLarge     Reason = "amount_too_large"
	CouponNotLookedUp  Reason = "coupon_not_looked_up"
	CouponCurrency     Reason = "coupon_currency"
	CouponTerms        Reason = "coupon_terms"
	CreationNotKnown   Reason = "creation_not_known"
	DiscountNotKnown   Reason = "discount_not_known"
	TaxRateNotLookedUp Reason = "tax_rate_not_looked_up"
	TaxRatePercent     Reason = "tax_rate_percent"
	AutomaticTax       Reason = "automatic_tax"
	BalanceNotKnown    Reason = "balance_not_known"
	StaysDraft         Reason = "stays_draft"
)

// Reasons returns all reasons: those about items first, then those about the discount, then those about tax, then
// those about what is collected.
func Reasons() []Reason {
	return []Reason{
		PriceNotLookedUp, PriceTiersEnd, PriceOpen, PriceCurrency, MeteredUsage, AmountTooLarge,
		CouponNotLookedUp, CouponCurrency, CouponTerms, CreationNotKnown, DiscountNotKnown, TaxRateNotLookedUp, TaxRatePercent, AutomaticTax, BalanceNotKnown, StaysDraft,
	}
}

// Description says in a sentence without its full stop what the reason is, or "" for one that does not exist.
func (r Reason) Description() string {
	switch r {
	case PriceNotLookedUp:
		return "the price was not looked up in the account"
	case PriceTiersEnd:
		return "the price's tiers end before the quantity"
	case PriceOpen:
		return "the customer chooses the price's amount"
	case PriceCurrency:
		return "the price has no amount in the row's currency"
	case MeteredUsage:
		return "the charge depends on usage"
	case AmountTooLarge:
		return "the amount is larger than Stripe takes"
	case CouponNotLookedUp:
		return "the coupon was not looked up in the account"
	case CouponCurrency:
		return "the coupon has no amount in the row's currency"
	case CouponTerms:
		return "what the coupon takes off, or for how long, is not known"
	case CreationNotKnown:
		return "how long the coupon counts depends on the moment at which the subscription is created"
	case DiscountNotKnown:
		return "whether the discount for once is used up depends on an invoice before that is not known"
	case TaxRateNotLookedUp:
		return "the tax rate was not looked up in the account"
	case TaxRatePercent:
		return "the tax rate's percentage has more decimals than Stripe documents"
	case AutomaticTax:
		return "Stripe Tax computes the tax when it is charged"
	case BalanceNotKnown:
		return "what is left on the customer's balance depends on an invoice before that is not known"
	case StaysDraft:
		return "the subscription ends before the invoice is finalized, an hour after it was made, so that it may stay a draft"
	}
	return ""
}

// OnlyTax tells whether the reason leaves the amount before tax known.
func (r Reason) OnlyTax() bool {
	return r == TaxRateNotLookedUp || r == TaxRatePercent || r == AutomaticTax
}

// OnlyDue tells whether the reason leaves the total known, and only the amount due not.
func (r Reason) OnlyDue() bool { return r == BalanceNotKnown || r == StaysDraft }

// note adds a reason once.
func note(reasons []Reason, r Reason) []Reason {
	if r == "" || slices.Contains(reasons, r) {
		return reasons
	}
	return append(reasons, r)
}
