package toolkit

import (
	"fmt"
	"slices"

	"github.com/subferry/subferry/csvspec"
)

// moneyStates are about discounts, taxes and balances.
var moneyStates = []State{
	remark("discount_over", "Its discount ends before the new one begins, so it moves without a coupon.", func(l *looked) bool {
		d := l.discounts()
		return len(d) == 1 && over(d[0], l.end)
	}),
	choose("discount_runs_out", "Its coupon holds for some more months. Given anew, it would begin again from the first month; a coupon with the remaining months is proposed in the file of coupons.",
		func(l *looked) []Choice {
			d := l.discounts()
			if len(d) != 1 || d[0].Coupon.Duration != "repeating" || over(d[0], l.end) {
				return nil
			}
			var choices []Choice
			if d[0].End > 0 { // otherwise nobody knows how many months are left
				r := remainder(d[0], l.end)
				choices = append(choices, Choice{Word: "remainder", Means: fmt.Sprintf("%s, a coupon for %d more months, which you create in the destination account", r.ID, r.Months), apply: withCoupon(r.ID)})
			}
			return append(choices, Choice{Word: "restart", Means: "the coupon " + d[0].Coupon.ID + " from its first month on", apply: withCoupon(d[0].Coupon.ID)},
				Choice{Word: "none", Means: "no discount", apply: withCoupon("")}, skip())
		}),
	choose("discounts", "It has several discounts, or some for single items, and the format takes one coupon for the whole subscription.", func(l *looked) []Choice {
		all := l.discounts()
		for _, i := range l.Items.Data {
			all = append(all, i.Discounts...)
		}
		if len(all) < 2 && !(len(all) == 1 && len(l.discounts()) == 0) {
			return nil
		}
		return couponChoices(all)
	}),
	choose("customer_discount", "The customer has a discount of its own, which a copy of customers to another account does not bring along.", func(l *looked) []Choice {
		if d := l.Customer.Discount; d != nil && len(l.discounts()) == 0 && !over(*d, l.end) {
			return couponChoices([]discount{*d})
		}
		return nil
	}),
	immovable("discount_unknown", "It has a discount whose coupon Stripe did not show, so nobody can say what it is worth.", func(l *looked) bool {
		unknown := func(d discount) bool { return d.Coupon.ID == "" }
		return l.Discount == nil && slices.ContainsFunc(l.Discounts, unknown) || anyItem(func(i item) bool { return slices.ContainsFunc(i.Discounts, unknown) })(l)
	}),
	choose("several_tax_rates", "It has several tax rates, or some for single items, and the format takes one for the whole subscription.", func(l *looked) []Choice {
		rates := slices.Clone(l.TaxRates)
		for _, i := range l.Items.Data {
			rates = append(rates, i.TaxRates...)
		}
		if len(rates) == len(l.TaxRates) && len(rates) < 2 {
			return nil
		}
		var choices []Choice
		for _, r := range rates {
			c := Choice{Word: "tax_rate:" + r.ID, Means: "this one for all", apply: func(row *csvspec.Row) { row.DefaultTaxRate = r.ID }}
			if !slices.ContainsFunc(choices, func(o Choice) bool { return o.Word == c.Word }) {
				choices = append(choices, c)
			}
		}
		return append(choices, Choice{Word: "none", Means: "no tax rate", apply: func(row *csvspec.Row) { row.DefaultTaxRate = "" }}, skip())
	}),
	remark("customer_balance", "The customer has a balance, a credit or a debt. It stays with the source account unless you move it: a credit would not be used up by the new subscription.",
		func(l *looked) bool { return l.Customer.Balance != 0 }),
}

func withCoupon(id string) func(*csvspec.Row) { return func(r *csvspec.Row) { r.Coupon = id } }

// couponChoices are the coupons of discounts, one of them or none.
func couponChoices(all []discount) (choices []Choice) {
	for _, d := range all {
		id := d.Coupon.ID
		if id != "" && !slices.ContainsFunc(choices, func(c Choice) bool { return c.Word == "coupon:"+id }) {
			choices = append(choices, Choice{Word: "coupon:" + id, Means: "this coupon, from its first month on", apply: withCoupon(id)})
		}
	}
	return append(choices, Choice{Word: "none", Means: "no discount", apply: withCoupon("")}, skip())
}

// over tells whether a discount has ended at a moment.
func over(d discount, at int64) bool { return d.End > 0 && d.End <= at }
