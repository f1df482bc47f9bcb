package forecast

import "slices"

// Assumption is something that an amount rests on and that neither the account nor Stripe's documentation states.
// Assumptions are stable, for scripts.
type Assumption string

// The assumptions.
const (
	MadeUpAccount       Assumption = "made_up_account"
	CustomerNotLookedUp Assumption = "customer_not_looked_up"
	RepeatingFromStart  Assumption = "repeating_from_start"
	PercentPerLine      Assumption = "percent_per_line"
	FractionsPerTier    Assumption = "fractions_per_tier"
	PartOfPeriod        Assumption = "part_of_period"
	BalanceByTime       Assumption = "balance_by_time"
	DiscountByTime      Assumption = "discount_by_time"
	UnknownIsCharged    Assumption = "unknown_is_charged"
	MinimumNotPublished Assumption = "minimum_not_published"
)

// Assumptions returns all assumptions: those about the account first, then those about the total, then those about what
// is collected of it.
func Assumptions() []Assumption {
	return []Assumption{
		MadeUpAccount, CustomerNotLookedUp, RepeatingFromStart, PercentPerLine, FractionsPerTier, PartOfPeriod,
		DiscountByTime, BalanceByTime, UnknownIsCharged, MinimumNotPublished,
	}
}

// Description says in a sentence without its full stop what is assumed, or "" for an assumption that does not exist.
func (a Assumption) Description() string {
	switch a {
	case MadeUpAccount:
		return "prices and coupons were made up, because no account was given"
	case CustomerNotLookedUp:
		return "the customer was not looked up: no balance, no discount of its own and no exemption from tax are assumed"
	case RepeatingFromStart:
		return "the months of a repeating coupon count from the day on which the subscription gets it (a direct one when it is created, also where it is backdated), not from the first invoice that has it"
	case PercentPerLine:
		return "a percentage is taken off, and rounded, line by line"
	case FractionsPerTier:
		return "fractions of a minor unit are rounded tier by tier"
	case PartOfPeriod:
		return "a part of a period is charged by the second against the whole period that would begin with it, and a coupon is taken off it as off any invoice"
	case DiscountByTime:
		return "the customer's own discount counts once, and no invoice but those of this file uses it, the earliest first"
	case BalanceByTime:
		return "no invoice but those of this file uses the customer's balance, the earliest first"
	case UnknownIsCharged:
		return "an invoice whose amount is not known comes to nothing, or to enough to be charged, and leaves nothing on the customer's balance"
	case MinimumNotPublished:
		return "the smallest amount that Stripe charges in this currency is not published, and is not applied"
	}
	return ""
}

// assume notes what the charge rests on, once and in the order of Assumptions.
func (c *Charge) assume(a Assumption) {
	if slices.Contains(c.Assumptions, a) {
		return
	}
	c.Assumptions = append(c.Assumptions, a)
	slices.SortFunc(c.Assumptions, func(a, b Assumption) int {
		return slices.Index(Assumptions(), a) - slices.Index(Assumptions(), b)
	})
}
