package forecast_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/forecast"
	"github.com/subferry/subferry/migrate/schedule"
	"github.com/subferry/subferry/validate/account"
)

// exampleAccount is the account of the examples.
func exampleAccount() *account.Account {
	monthly := account.Price{Product: "prod_app", Active: true, Interval: "month", IntervalCount: 1, Currency: "usd"}
	price := func(id string, change func(*account.Price)) account.Price {
		p := monthly
		p.ID = id
		change(&p)
		return p
	}
	a := &account.Account{Prices: map[string]account.Price{}, Coupons: map[string]account.Coupon{}, TaxRates: map[string]account.TaxRate{}}
	for _, p := range []account.Price{
		price("price_monthly", func(p *account.Price) {
			p.Amounts = map[string]account.PriceAmount{"usd": minor(1999), "eur": minor(1850), "jpy": minor(2800)}
		}),
		price("price_seat", func(p *account.Price) { p.Amounts, p.Product = account.Fixed("usd", 333, ""), "prod_seat" }),
		price("price_yearly", func(p *account.Price) { p.Amounts, p.Interval = account.Fixed("usd", 19900, ""), "year" }),
		price("price_weekly", func(p *account.Price) {
			p.Amounts, p.Interval, p.IntervalCount = account.Fixed("usd", 700, ""), "week", 2
		}),
		price("price_usage", func(p *account.Price) { p.Amounts, p.Metered = account.Fixed("usd", 3, ""), true }),
		price("price_open", func(p *account.Price) { p.Amounts = map[string]account.PriceAmount{"usd": {Open: true}} }),
		price("price_ends", func(p *account.Price) {
			p.Amounts = map[string]account.PriceAmount{"usd": {Tiers: []account.Tier{{UpTo: 6, Unit: decimal.NewFromInt(1)}}}}
		}),
		price("price_tiers", func(p *account.Price) {
			p.Amounts = map[string]account.PriceAmount{"usd": {Tiers: []account.Tier{{UpTo: 5, Unit: decimal.NewFromInt(500)}, {Unit: decimal.NewFromInt(400)}}}}
		}),
		price("price_half", func(p *account.Price) {
			p.Amounts = map[string]account.PriceAmount{"usd": {Unit: decimal.RequireFromString("1999.5")}}
		}),
		price("price_packs", func(p *account.Price) {
			p.Amounts, p.Package = account.Fixed("usd", 500, ""), account.Package{Size: 10, RoundUp: true}
		}),
		price("price_dinar", func(p *account.Price) { p.Amounts, p.Currency = account.Fixed("kwd", 12340, ""), "kwd" }),
		price("price_inclusive", func(p *account.Price) { p.Amounts, p.Currency = account.Fixed("eur", 1190, "inclusive"), "eur" }),
	} {
		a.Prices[p.ID] = p
	}
	for _, c := range []account.Coupon{
		{ID: "half", Duration: "forever", PercentOff: 50_0000},
		{ID: "welcome", Duration: "once", PercentOff: 25_0000},
		{ID: "three_months", Duration: "repeating", DurationInMonths: 3, PercentOff: 10_0000},
		{ID: "one_month", Duration: "repeating", DurationInMonths: 1, AmountOff: 500, Currency: "usd"},
		{ID: "five_off", Duration: "forever", AmountOff: 500, Currency: "usd", AmountsOff: map[string]int64{"jpy": 700}},
		{ID: "seats_only", Duration: "forever", PercentOff: 100_0000, Products: []string{"prod_seat"}},
		{ID: "odd", Duration: "forever", PercentOff: account.UnknownPercent},
	} {
		c.Valid = true
		a.Coupons[c.ID] = c
	}
	for _, r := range []account.TaxRate{
		{ID: "txr_vat", Percent: 19_0000, Inclusive: true}, {ID: "txr_sales", Percent: 8_8750}, {ID: "txr_odd", Percent: account.UnknownPercent},
	} {
		r.Active = true
		a.TaxRates[r.ID] = r
	}
	return a
}

// minor is a whole amount of minor units per unit.
func minor(n int64) account.PriceAmount { return account.PriceAmount{Unit: decimal.NewFromInt(n)} }

// on returns midnight UTC of a day in 2030.
func on(month time.Month, day int) csvspec.Timestamp {
	return csvspec.At(time.Date(2030, month, day, 0, 0, 0, 0, time.UTC))
}

// row returns a row that starts on 10 June 2030.
func row(change func(*csvspec.Row)) *csvspec.Row {
	r := &csvspec.Row{Customer: "cus_1", StartDate: on(time.June, 10)}
	change(r)
	return r
}

// charges writes a forecast as people would: one line for each invoice.
func charges(t *testing.T, r *csvspec.Row, facts *account.Account) []string {
	t.Helper()
	planned, err := schedule.FromRow(r, facts)
	require.NoError(t, err)
	f := forecast.Of(&planned, facts, 2)
	lines := []string{}
	for _, c := range f.Charges {
		lines = append(lines, line(c))
	}
	return lines
}

func line(c forecast.Charge) string {
	money := func(minor int64) string {
		return csvspec.Money{Minor: minor, Currency: c.Currency}.Amount(csvspec.UnitMajor)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s ", strings.TrimSuffix(c.At.String(), "T00:00:00Z"), c.Kind)
	if c.Known() {
		b.WriteString(csvspec.Money{Minor: c.Total, Currency: c.Currency}.String())
	} else {
		fmt.Fprintf(&b, "? %v", c.Unknown)
	}
	for _, part := range []struct {
		name   string
		amount int64
	}{{"items", c.Items}, {"one-offs", c.OneOffs}, {"discount", c.Discount}, {"tax", c.Tax}, {"included tax", c.TaxIncluded}} {
		if part.amount != 0 && (part.amount != c.Total || part.name != "items") {
			fmt.Fprintf(&b, " | %s %s", part.name, money(part.amount))
		}
	}
	return b.String()
}
