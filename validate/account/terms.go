package account

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/subferry/subferry/csvspec"
)

// PriceTerms returns on which terms a price of one account and one of another are sold, each in its currency, in words
// that are equal when the terms are. The tax behaviors count when both state one and they contradict each other.
func PriceTerms(a Price, aIn string, b Price, bIn string) (string, string) {
	x, y := a.terms(aIn), b.terms(bIn)
	s, t := a.Amounts[aIn].TaxBehavior, b.Amounts[bIn].TaxBehavior
	states := func(behavior string) bool { return behavior == "inclusive" || behavior == "exclusive" }
	if s != t && states(s) && states(t) {
		return x + ", tax " + s, y + ", tax " + t
	}
	return x, y
}

// terms returns what the price costs in the currency, and how often: 19.00 USD every month.
func (p Price) terms(currency string) string {
	amount, ok := p.In(currency)
	what := ""
	switch {
	case !ok:
		return "not sold in " + strings.ToUpper(currency)
	case amount.Open:
		what = "an amount that the customer chooses, in " + strings.ToUpper(currency)
	case len(amount.Tiers) > 0:
		what = amount.tiers(currency)
		if p.Volume {
			what += " (all units at the tier that is reached)"
		}
	default:
		what = money(amount.Unit, currency)
	}
	if p.Package.Size > 1 {
		what += fmt.Sprintf(" for %d units, rounded %s", p.Package.Size, map[bool]string{true: "up", false: "down"}[p.Package.RoundUp])
	}
	what += " " + Every(p.Interval, p.IntervalCount)
	if p.Metered {
		what += ", by usage"
	}
	return what
}

// tiers lists what the units of each tier cost.
func (a PriceAmount) tiers(currency string) string {
	var all []string
	from := int64(1)
	for _, t := range a.Tiers {
		units := fmt.Sprintf("units %d to %d", from, t.UpTo)
		if t.UpTo == 0 {
			units = fmt.Sprintf("units from %d on", from)
		}
		from = t.UpTo + 1
		units += " " + money(t.Unit, currency) + " each"
		if !t.Flat.IsZero() {
			units += " and " + money(t.Flat, currency)
		}
		all = append(all, units)
	}
	return strings.Join(all, ", ")
}

func money(minor decimal.Decimal, currency string) string {
	if minor.IsInteger() {
		return csvspec.Money{Minor: minor.IntPart(), Currency: currency}.String()
	}
	return minor.String() + " minor units of " + strings.ToUpper(currency)
}

// Every returns how often something is charged, in words: every month, every 3 months, once when there is no interval. 12
// months are a year, and 7 days a week: Stripe bills them alike.
func Every(interval string, count int64) string {
	switch {
	case interval == "":
		return "once"
	case interval == "month" && count > 0 && count%12 == 0:
		interval, count = "year", count/12
	case interval == "day" && count > 0 && count%7 == 0:
		interval, count = "week", count/7
	}
	if count <= 1 {
		return "every " + interval
	}
	return "every " + strconv.FormatInt(count, 10) + " " + interval + "s"
}

// Terms returns what the coupon takes off in the currency, how long it lasts, and whether only some products count, in
// words that are equal when the terms are: 25 % off forever.
func (c Coupon) Terms(currency string) string {
	off := c.PercentOff.String()
	if c.AmountOff != 0 || len(c.AmountsOff) > 0 {
		minor, in := c.AmountOff, c.Currency == currency
		if !in {
			minor, in = c.AmountsOff[currency]
		}
		if !in {
			return "nothing off in " + strings.ToUpper(currency)
		}
		off = csvspec.Money{Minor: minor, Currency: currency}.String()
	}
	off += " off"
	switch {
	case c.Duration == "repeating":
		off += fmt.Sprintf(" for %d months", c.DurationInMonths)
	case c.Duration != "":
		off += " " + c.Duration
	}
	if n := len(c.Products); n > 0 {
		off += fmt.Sprintf(", of %d products only", n)
	}
	return off
}
