package plan

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/csvspec/words"
	"github.com/subferry/subferry/validate/account"
	"github.com/subferry/subferry/validate/period"
)

// describe says in words what an account has of the objects that a file names. Of customers, which are many, it
// describes those on whom a charge depends: with a balance, a discount of their own, or an exemption from tax. A plan
// is stale when one of these is not what it was, because other amounts are charged then.
func describe(facts *account.Account) map[string]string {
	words := map[string]string{}
	if facts == nil {
		return words
	}
	for id, p := range facts.Prices {
		words["price "+id] = priceWords(p)
	}
	for id, p := range facts.Products {
		words["product "+id] = active(p.Active)
	}
	for id, c := range facts.Coupons {
		words["coupon "+id] = couponWords(c)
	}
	for id, r := range facts.TaxRates {
		words["tax rate "+id] = taxRateWords(r)
	}
	usual := onlyCurrency(facts)
	for id, c := range facts.Customers {
		c.Currency = cmp.Or(c.Currency, usual)
		if text := customerWords(c); text != "" {
			words[customerFact+id] = text
		}
	}
	return words
}

// customerFact is how the names of customers begin in the description.
const customerFact = "customer "

// onlyCurrency returns the currency that all prices have; "" when there are several, or none. A customer who was never charged
// has no currency of their own, and what is on the balance is used by invoices in that of the prices.
func onlyCurrency(facts *account.Account) string {
	only := ""
	for _, p := range facts.Prices {
		if only != "" && p.Currency != only {
			return ""
		}
		only = p.Currency
	}
	return only
}

// customerWords is "" for a customer on whom no charge depends.
func customerWords(c account.Customer) string {
	var words []string
	money := func(minor int64) string {
		if c.Currency == "" {
			return fmt.Sprintf("%d minor units", minor)
		}
		return csvspec.Money{Minor: minor, Currency: c.Currency}.String()
	}
	switch {
	case c.Balance < 0:
		words = append(words, "credit "+money(-c.Balance))
	case c.Balance > 0:
		words = append(words, "debt "+money(c.Balance))
	}
	if c.TaxExempt == "exempt" || c.TaxExempt == "reverse" {
		words = append(words, "tax "+c.TaxExempt)
	}
	if d := c.Discount; d != nil {
		text := "coupon " + d.Coupon.ID + " since " + d.Start.String() + ", " + couponWords(d.Coupon)
		if !d.End.IsBlank() {
			text += ", until " + d.End.String()
		}
		words = append(words, text)
	}
	return strings.Join(words, "; ")
}

func priceWords(p account.Price) string {
	words := []string{amountWords(p, p.Currency)}
	for _, currency := range slices.Sorted(maps.Keys(p.Amounts)) {
		if currency != p.Currency {
			words = append(words, amountWords(p, currency))
		}
	}
	words = append(words, "every "+orUnknown(every(period.Cycle{Interval: p.Interval, Count: max(p.IntervalCount, 1)})))
	if p.Metered {
		words = append(words, "by usage")
	}
	if p.Package.Size > 1 {
		text := fmt.Sprintf("in packages of %d", p.Package.Size)
		if p.Package.RoundUp {
			text += ", rounded up"
		}
		words = append(words, text)
	}
	return strings.Join(append(words, "product "+p.Product, active(p.Active)), ", ")
}

// amountWords describes what the price costs in one currency.
func amountWords(p account.Price, currency string) string {
	amount := p.Amounts[currency]
	var text string
	switch {
	case len(amount.Tiers) > 0:
		text = tierWords(amount.Tiers, p.Volume) + " in minor units of " + currency
	case amount.Open:
		text = "an amount in " + currency + " that the customer chooses"
	case amount.Unit.IsInteger():
		text = csvspec.Money{Minor: amount.Unit.IntPart(), Currency: currency}.String()
	default:
		text = amount.Unit.String() + " minor units of " + currency
	}
	if amount.TaxBehavior != "" {
		text += " (tax " + amount.TaxBehavior + ")"
	}
	return text
}

// tierWords lists tiers: graduated tiers of 500 each and 1000 flat up to 5, 400 each.
func tierWords(tiers []account.Tier, volume bool) string {
	parts := make([]string, 0, len(tiers))
	for _, t := range tiers {
		text := t.Unit.String() + " each"
		if !t.Flat.IsZero() {
			text += " and " + t.Flat.String() + " flat"
		}
		if t.UpTo > 0 {
			text += fmt.Sprintf(" up to %d", t.UpTo)
		}
		parts = append(parts, text)
	}
	kind := "graduated tiers of "
	if volume {
		kind = "tiers by volume of "
	}
	return kind + strings.Join(parts, ", ")
}

// further writes amounts in further currencies, sorted.
func further(amounts map[string]int64) []string {
	var words []string
	for _, currency := range slices.Sorted(maps.Keys(amounts)) {
		words = append(words, csvspec.Money{Minor: amounts[currency], Currency: currency}.String())
	}
	return words
}

func couponWords(c account.Coupon) string {
	parts := []string{c.PercentOff.String() + " off"}
	if c.AmountOff > 0 {
		parts = append([]string{csvspec.Money{Minor: c.AmountOff, Currency: c.Currency}.String() + " off"}, further(c.AmountsOff)...)
	}
	duration := orUnknown(c.Duration)
	if c.DurationInMonths > 0 {
		duration = words.Count(c.DurationInMonths, "month")
	}
	parts = append(parts, duration)
	if len(c.Products) > 0 {
		parts = append(parts, "only products "+strings.Join(c.Products, " and "))
	}
	if !c.RedeemBy.IsBlank() {
		parts = append(parts, "to be redeemed by "+c.RedeemBy.String())
	}
	if c.MaxRedemptions > 0 {
		parts = append(parts, "at most "+words.Count(c.MaxRedemptions, "redemption"))
	}
	if !c.Valid {
		parts = append(parts, "no longer valid")
	}
	return strings.Join(parts, ", ")
}

func taxRateWords(r account.TaxRate) string {
	kind := "exclusive"
	if r.Inclusive {
		kind = "inclusive"
	}
	return r.Percent.String() + " " + kind + ", " + active(r.Active)
}

func active(yes bool) string {
	if yes {
		return "active"
	}
	return "archived"
}

func orUnknown(text string) string {
	if text == "" {
		return "unknown"
	}
	return text
}

// Change is an object of the account that is not what it was.
type Change struct {
	Object  string // price price_gold
	Was, Is string // "" when the account lacked it, or lacks it
}

// changes compares two descriptions, in alphabetical order.
func changes(was, is map[string]string) []Change {
	all := maps.Clone(was)
	maps.Copy(all, is)
	var list []Change
	for _, object := range slices.Sorted(maps.Keys(all)) {
		if was[object] != is[object] {
			list = append(list, Change{object, was[object], is[object]})
		}
	}
	return list
}
