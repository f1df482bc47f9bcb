package rehearse_test

import (
	"fmt"
	"slices"

	"github.com/subferry/subferry/validate/period"
)

// priceKinds is how many prices there are of a currency and interval.
const priceKinds = 10

// price makes one of them: some say how they are taxed, one is sold in packages, two are tiered, some have fractions of a
// minor unit, one is smaller than what is charged, two have an amount in euros as well, one is billed by usage.
func (g *generator) price(cycle period.Cycle, c currency, i int) {
	behaviour := []string{2: "inclusive", 3: "exclusive", 9: ""}[i]
	if behaviour == "" {
		behaviour = "unspecified"
	}
	id := fmt.Sprintf("price_%s%d%s%d", cycle.Interval, cycle.Count, c.code, i)
	recurring := object{"interval": cycle.Interval, "interval_count": cycle.Count}
	o := object{
		"id": id, "product": fmt.Sprintf("prod_%d", g.IntN(4)), "currency": c.code, "unit_amount": g.amount(c),
		"tax_behavior": behaviour, "recurring": recurring,
	}
	switch i {
	case 1:
		o["unit_amount"] = g.Int64N(60) * c.step
	case 4:
		o["transform_quantity"] = object{"divide_by": 7, "round": []string{"up", "down"}[g.IntN(2)]}
	case 5:
		recurring["usage_type"], behaviour = "metered", "metered"
	case 6:
		delete(o, "unit_amount")
		o["unit_amount_decimal"] = g.decimal(g.amount(c))
	case 7, 8:
		g.tiered(o, c, i == 8)
	case 9:
		o["tax_behavior"], behaviour = "exclusive", "exclusive"
		g.inEuros(o, cycle, "inclusive", object{"unit_amount": g.Int64N(20_000), "tax_behavior": "inclusive"})
	}
	if i == 4 {
		g.inEuros(o, cycle, "both", object{"unit_amount_decimal": g.decimal(g.Int64N(20_000))})
	}
	g.product[id] = o["product"].(string)
	g.add("prices", o)
	g.prices[place(c.code, cycle, behaviour)] = append(g.prices[place(c.code, cycle, behaviour)], id)
}

// inEuros gives a price of another currency an amount in euros.
func (g *generator) inEuros(price object, cycle period.Cycle, behaviour string, option object) {
	if price["currency"] == "eur" {
		return
	}
	id := price["id"].(string)
	price["currency_options"] = object{"eur": option}
	g.prices[place("eur", cycle, behaviour)] = append(g.prices[place("eur", cycle, behaviour)], id)
	g.options[id] = true
}

// decimal writes an amount with up to twelve decimals.
func (g *generator) decimal(whole int64) string {
	return fmt.Sprintf("%d.%s", whole, []string{"5", "25", "4999", "000000000001", "499999999999", fmt.Sprintf("%012d", g.Int64N(1_000_000_000_000))}[g.IntN(6)])
}

// tiered gives a price some tiers, of which some parts have fractions and some cost nothing.
func (g *generator) tiered(o object, c currency, volume bool) {
	delete(o, "unit_amount")
	o["billing_scheme"], o["tiers_mode"] = "tiered", "graduated"
	if volume {
		o["tiers_mode"] = "volume"
	}
	o["tiers"] = g.tiers(c)
	if c.code != "eur" {
		euros := currencies[slices.IndexFunc(currencies, func(c currency) bool { return c.code == "eur" })]
		g.inEuros(o, g.cycleOf(o), "both", object{"tiers": g.tiers(euros)})
	}
}

func (g *generator) cycleOf(price object) period.Cycle {
	r := price["recurring"].(object)
	return period.Cycle{Interval: r["interval"].(string), Count: r["interval_count"].(int64)}
}

func (g *generator) tiers(c currency) (tiers []object) {
	upTo := int64(0)
	for n := 1 + g.IntN(4); n > 0; n-- {
		t := object{"unit_amount": g.amount(c) / 10 / c.step * c.step, "up_to": nil}
		if n > 1 {
			upTo += 1 + g.Int64N(15)
			t["up_to"] = upTo
		}
		switch g.IntN(4) {
		case 0:
			t["flat_amount"] = g.amount(c)
		case 1:
			t["flat_amount_decimal"] = g.decimal(g.amount(c))
		}
		if g.IntN(2) == 0 {
			delete(t, "unit_amount")
			t["unit_amount_decimal"] = g.decimal(g.amount(c) / 10)
		}
		tiers = append(tiers, t)
	}
	return tiers
}
