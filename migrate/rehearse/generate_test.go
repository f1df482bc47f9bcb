package rehearse_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/schedule"
	"github.com/subferry/subferry/validate/period"
)

// batch is a generated file and the account it is meant for. Its rows share a family of intervals, so that the time
// in which the slowest has renewed twice is not thousands of periods of the fastest.
type batch struct {
	from    time.Time
	csv     []byte
	account []byte
}

// families are intervals that are rehearsed together.
var families = [][]period.Cycle{
	{{Interval: "day", Count: 1}, {Interval: "day", Count: 3}, {Interval: "week", Count: 1}},
	{{Interval: "week", Count: 1}, {Interval: "week", Count: 2}, {Interval: "day", Count: 10}, {Interval: "month", Count: 1}},
	{{Interval: "month", Count: 1}},
	{{Interval: "month", Count: 1}, {Interval: "month", Count: 2}, {Interval: "month", Count: 3}},
	{{Interval: "month", Count: 6}, {Interval: "year", Count: 1}},
	{{Interval: "year", Count: 1}, {Interval: "year", Count: 2}, {Interval: "year", Count: 3}},
}

// beginnings are when rehearsals begin: before short months, in leap years and before them, at the end of a year.
var beginnings = []string{
	"2027-01-05T00:00:00Z", "2028-01-10T12:34:56Z", "2027-12-20T23:59:59Z", "2028-02-20T06:00:00Z", "2026-08-28T18:00:01Z", "2026-11-25T03:02:01Z",
}

// currencies have two, no and three decimals, and two that are 00; the step is what amounts in them must be divisible by,
// and most is about how many steps a price has: less where a sum would come near the largest amount.
var currencies = []currency{{"usd", 1, 20_000}, {"jpy", 1, 20_000}, {"kwd", 10, 20_000}, {"eur", 1, 20_000}, {"ugx", 100, 4_000}}

type currency struct {
	code       string
	step, most int64
}

// amount draws one that can be charged.
func (g *generator) amount(c currency) int64 { return g.Int64N(c.most) * c.step }

type object = map[string]any

// generator makes one batch.
type generator struct {
	*rand.Rand
	cycles  []period.Cycle
	from    time.Time
	account map[string][]object
	prices  map[string][]string // by currency, interval and tax behaviour
	coupons map[string][]string // by currency; "" is any
	options map[string]bool     // prices that are sold in euros only where the row says so
	usage   bool                // some rows sell what is billed by usage
	direct  bool                // half of the rows are ones that direct subscriptions fit
	product map[string]string   // of a price, or the only one that a coupon counts for

	customer string // of the next row, until it has enough of them
	currency currency
	rows     int
}

// columns are those of the generated file. One file has all of them but those of the templates that it is not of.
var columns = []string{
	"customer", "start_date", "automatic_tax", "default_tax_rate", "coupon", "currency", "trial_end", "billing_cycle_anchor",
	"proration_behavior", "collection_method", "days_until_due", "backdate_start_date", "cancel_at_period_end", "metadata.third_party_sub_id",
	"add_invoice_items.0.amount", "add_invoice_items.0.product", "add_invoice_items.0.currency",
	"add_invoice_items.1.amount", "add_invoice_items.1.product", "add_invoice_items.1.currency",
}

var templates = [][]string{
	{"price", "quantity"},
	{"items.0.price", "items.0.quantity", "items.1.price", "items.1.quantity", "items.2.price", "items.2.quantity"},
	{
		"adhoc_items.0.amount", "adhoc_items.0.product", "adhoc_items.0.interval", "adhoc_items.0.currency", "adhoc_items.0.quantity",
		"adhoc_items.1.amount", "adhoc_items.1.product", "adhoc_items.1.interval", "adhoc_items.1.currency", "adhoc_items.1.quantity",
	},
}

// generate makes batch n: every family with every template comes up, and every beginning. Unless the mode is Never, half of
// the rows are ones that direct subscriptions fit.
func generate(t testing.TB, n, rows int, mode schedule.Direct) batch {
	from, err := time.Parse(time.RFC3339, beginnings[n%len(beginnings)])
	require.NoError(t, err)
	g := &generator{
		Rand: rand.New(rand.NewPCG(20261122, uint64(n))), from: from, cycles: families[n/len(templates)%len(families)],
		account: map[string][]object{}, prices: map[string][]string{}, coupons: map[string][]string{},
		options: map[string]bool{}, product: map[string]string{}, usage: n%2 == 0,
		direct: mode != schedule.Never,
	}
	g.catalog()
	var file bytes.Buffer
	w := csv.NewWriter(&file)
	header := append(append([]string{}, columns...), templates[n%len(templates)]...)
	require.NoError(t, w.Write(header))
	for i := range rows {
		row := g.row(i, n%len(templates))
		cells := make([]string, len(header))
		for c, name := range header {
			cells[c] = row[name]
		}
		require.NoError(t, w.Write(cells))
	}
	w.Flush()
	require.NoError(t, w.Error())
	account, err := json.Marshal(g.account)
	require.NoError(t, err)
	return batch{from: from, csv: file.Bytes(), account: account}
}

func (g *generator) add(list string, o object) { g.account[list] = append(g.account[list], o) }

// catalog makes products, prices, coupons and tax rates.
func (g *generator) catalog() {
	for i := range 4 {
		g.add("products", object{"id": fmt.Sprintf("prod_%d", i), "name": fmt.Sprintf("Product %d", i)})
	}
	for _, cycle := range g.cycles {
		for _, currency := range currencies {
			for i := range priceKinds {
				g.price(cycle, currency, i)
			}
		}
	}
	for i, percent := range []string{"10", "12.5", "33.33", "50", "100", "0.5"} {
		g.coupon("", object{"percent_off": json.Number(percent)}, i)
	}
	for i := range 3 { // with an amount in every currency
		options := object{}
		for _, c := range currencies {
			options[c.code] = object{"amount_off": (1 + g.Int64N(3000)) * c.step}
		}
		amount := options["usd"].(object)["amount_off"]
		g.coupon("", object{"amount_off": amount, "currency": "usd", "currency_options": options}, 10+i)
	}
	for i, currency := range currencies {
		g.coupon(currency.code, object{"amount_off": (1 + g.Int64N(3000)) * currency.step, "currency": currency.code}, i)
		g.coupon(currency.code, object{"amount_off": (1 + g.Int64N(20)) * currency.step, "currency": currency.code}, i+1)
	}
	for i, percent := range []string{"19", "8.875", "7.7", "0", "20", "25.5"} {
		for _, inclusive := range []bool{true, false} {
			g.add("tax_rates", object{
				"id": fmt.Sprintf("txr_%d%t", i, inclusive), "display_name": "Tax", "percentage": json.Number(percent), "inclusive": inclusive,
			})
		}
	}
}

func place(currency string, cycle period.Cycle, behaviour string) string {
	return fmt.Sprint(currency, cycle, behaviour)
}

// coupon makes one for once, one for some months, one forever, and the same that count for a product alone.
func (g *generator) coupon(currency string, o object, n int) {
	for i, duration := range []string{"once", "repeating", "forever", "once", "repeating", "forever"} {
		one := object{"id": fmt.Sprintf("C%s%d%d%d", currency, n, i, g.IntN(1_000_000)), "duration": duration}
		for key, value := range o {
			one[key] = value
		}
		if duration == "repeating" {
			one["duration_in_months"] = 1 + g.IntN(14)
		}
		if i >= 3 {
			product := fmt.Sprintf("prod_%d", g.IntN(4))
			one["applies_to"], g.product[one["id"].(string)] = object{"products": []string{product}}, product
		}
		g.add("coupons", one)
		g.coupons[currency] = append(g.coupons[currency], one["id"].(string))
	}
}

// row makes one row that a schedule or a direct subscription can express.
func (g *generator) row(i, template int) map[string]string {
	if g.rows == 0 { // one to three subscriptions of a customer
		g.rows, g.customer, g.currency = 1+max(0, g.IntN(5)-2), fmt.Sprintf("cus_%d", i), currencies[g.IntN(len(currencies))]
		g.makeCustomer(i)
	}
	g.rows--
	row := map[string]string{"customer": g.customer, "metadata.third_party_sub_id": fmt.Sprintf("sub_old_%d", i)}
	cycle, currency := g.cycles[g.IntN(len(g.cycles))], g.currency
	if template == 2 {
		cycle.Count = 1 // an ad-hoc item cannot say more
	}
	direct := g.direct && g.IntN(2) == 0
	behaviours := g.tax(row)
	switch template {
	case 0:
		row["price"], row["quantity"] = g.item(currency.code, cycle, behaviours)
	case 1:
		for n, most := 0, 1+g.IntN(3); n < most; n++ {
			at := "items." + strconv.Itoa(n)
			price, quantity := g.item(currency.code, cycle, behaviours)
			if row["items.0.price"] == price || row["items.1.price"] == price {
				break // Stripe takes each price once
			}
			row[at+".price"], row[at+".quantity"] = price, quantity
		}
	default:
		for n := range 1 + g.IntN(2) {
			g.adhoc(row, "adhoc_items."+strconv.Itoa(n), currency, cycle)
		}
	}
	for n := range max(0, g.IntN(5)-2) {
		if !direct {
			g.money(row, "add_invoice_items."+strconv.Itoa(n), currency)
		}
	}
	if g.mustSayCurrency(row) || template < 2 && g.IntN(3) == 0 {
		row["currency"] = currency.code // otherwise the prices' default one is meant
	}
	if g.IntN(2) == 0 {
		row["coupon"] = g.couponFor(row)
	}
	if g.dates(row, cycle); direct {
		g.directDates(row, cycle)
	}
	return row
}

// mustSayCurrency tells whether a row names a price whose default currency is not the one that is meant.
func (g *generator) mustSayCurrency(row map[string]string) bool {
	for column, value := range row {
		if strings.HasSuffix(column, "price") && g.currency.code == "eur" && g.options[value] {
			return true
		}
	}
	return false
}

func (g *generator) oneOf(list []string) string { return list[g.IntN(len(list))] }

// makeCustomer makes the customer of the next rows: some have a credit or a debt, a discount of their own, or an
// exemption from tax; of some the card is declined.
func (g *generator) makeCustomer(i int) {
	card := "pm_card_visa"
	if i%17 == 0 {
		card = "pm_card_chargeCustomerFail"
	}
	o := object{"id": g.customer, "email": g.customer + "@example.com", "invoice_settings": object{"default_payment_method": card}}
	switch g.IntN(6) {
	case 0:
		o["balance"] = -g.Int64N(g.currency.most * g.currency.step * 10)
	case 1:
		o["balance"] = g.Int64N(g.currency.most * g.currency.step)
	case 2:
		o["balance"] = g.Int64N(100) - 50
	}
	if balance, _ := o["balance"].(int64); g.direct && balance > 0 { // or Stripe refuses direct subscriptions
		o["invoice_settings"] = object{"default_payment_method": "pm_card_visa"}
	}
	if g.IntN(6) == 0 {
		o["tax_exempt"] = []string{"exempt", "reverse"}[g.IntN(2)]
	}
	if g.IntN(4) == 0 {
		start := g.from.Add(-time.Duration(g.IntN(400*24)) * time.Hour)
		o["discount"] = object{"coupon": g.someCoupon(), "start": start.Unix()}
	}
	g.add("customers", o)
}

// someCoupon draws one that can be taken off in the customer's currency.
func (g *generator) someCoupon() string {
	return g.oneOf(append(append([]string{}, g.coupons[""]...), g.coupons[g.currency.code]...))
}

// couponFor draws a coupon that counts for something that the row sells.
func (g *generator) couponFor(row map[string]string) string {
	sold := map[string]bool{"": true}
	for column, value := range row {
		if strings.HasSuffix(column, "price") {
			sold[g.product[value]] = true
		} else if strings.HasSuffix(column, "product") {
			sold[value] = true
		}
	}
	for {
		if id := g.someCoupon(); sold[g.product[id]] {
			return id
		}
	}
}

// tax gives a row a tax rate or none, and returns which prices go with it.
func (g *generator) tax(row map[string]string) []string {
	switch g.IntN(4) {
	case 0:
		row["default_tax_rate"] = fmt.Sprintf("txr_%d%t", g.IntN(6), true)
		return []string{"unspecified", "inclusive", "both", "metered"}
	case 1, 2:
		row["default_tax_rate"] = fmt.Sprintf("txr_%d%t", g.IntN(6), false)
		return []string{"unspecified", "exclusive", "both", "metered"}
	}
	return []string{"unspecified", "inclusive", "exclusive", "both", "metered"}
}

func (g *generator) item(currency string, cycle period.Cycle, behaviours []string) (price, quantity string) {
	var fitting []string
	for _, b := range behaviours {
		if b != "metered" || g.usage && g.IntN(4) == 0 {
			fitting = append(fitting, g.prices[place(currency, cycle, b)]...)
		}
	}
	price = g.oneOf(fitting)
	if price[len(price)-1] == '5' || g.IntN(4) == 0 {
		return price, ""
	}
	return price, strconv.Itoa(g.IntN(40))
}

func (g *generator) money(row map[string]string, at string, c currency) {
	row[at+".amount"] = strconv.FormatInt(g.amount(c), 10)
	row[at+".product"] = fmt.Sprintf("prod_%d", g.IntN(4))
	row[at+".currency"] = c.code
}

func (g *generator) adhoc(row map[string]string, at string, c currency, cycle period.Cycle) {
	g.money(row, at, c)
	row[at+".interval"] = cycle.Interval
	row[at+".quantity"] = strconv.Itoa(1 + g.IntN(30))
}

// dates gives a row its start and whatever else has to do with time; month ends come up more often than elsewhere.
func (g *generator) dates(row map[string]string, cycle period.Cycle) {
	start := g.from.Add(26*time.Hour + time.Duration(g.IntN(40*24*3600))*time.Second)
	if g.IntN(3) == 0 {
		last := time.Date(start.Year(), start.Month()+1, -g.IntN(3), start.Hour(), start.Minute(), start.Second(), 0, time.UTC)
		if last.After(g.from.Add(26 * time.Hour)) {
			start = last
		}
	}
	s := csvspec.At(start)
	end := cycle.Next(s)
	within := func() csvspec.Timestamp { return s + 1 + csvspec.Timestamp(g.Int64N(int64(end-s)-1)) }
	set := func(column string, at csvspec.Timestamp) { row[column] = strconv.FormatInt(int64(at), 10) }
	set("start_date", s)
	switch g.IntN(8) {
	case 0:
		set("trial_end", within())
	case 1:
		set("billing_cycle_anchor", within())
		row["proration_behavior"] = "none"
	case 2:
		set("billing_cycle_anchor", []csvspec.Timestamp{s, end}[g.IntN(2)])
	case 3:
		trial := within()
		set("trial_end", trial)
		set("billing_cycle_anchor", trial+csvspec.Timestamp(g.Int64N(int64(end-trial)+1)))
		row["proration_behavior"] = "none"
	}
	if g.IntN(6) == 0 {
		row["cancel_at_period_end"] = strings.ToUpper(strconv.FormatBool(true))
	}
	if g.IntN(6) == 0 {
		set("backdate_start_date", s-csvspec.Timestamp(1+g.IntN(1000*24*3600)))
		row["proration_behavior"] = "none"
	}
	if g.IntN(5) == 0 {
		row["collection_method"], row["days_until_due"] = "send_invoice", strconv.Itoa(g.IntN(60))
	}
}
