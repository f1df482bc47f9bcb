package plan_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/forecast"
	"github.com/subferry/subferry/migrate/plan"
	"github.com/subferry/subferry/validate"
	"github.com/subferry/subferry/validate/account"
)

// reviewed returns a review of a file for an account, without any request.
func reviewed(csv []byte, facts *account.Account) *migrate.Review {
	sum := sha256.Sum256(csv)
	return &migrate.Review{
		Input: bytesInput(csv), Options: migrate.Options{Unit: csvspec.UnitMinor, Lead: validate.LiveLead},
		Account: migrate.Account{ID: "acct_1"}, AccountData: facts, Report: &validate.Report{SHA256: hex.EncodeToString(sum[:])},
	}
}

var config = plan.Config{Now: today, APIVersion: "2023-10-16", Renewals: 3}

// drawAccount returns an account with a price of every interval.
func drawAccount(t *rapid.T) *account.Account {
	a := &account.Account{
		ID: "acct_1", Prices: map[string]account.Price{},
		Coupons:  map[string]account.Coupon{"ten": {ID: "ten", Valid: true, Duration: "forever", PercentOff: 10_0000}},
		TaxRates: map[string]account.TaxRate{"txr_1": {ID: "txr_1", Active: true, Percent: 8_8750}},
	}
	for _, interval := range []string{"day", "week", "month", "year"} {
		id := "price_" + interval
		currency := rapid.SampledFrom([]string{"usd", "jpy", "kwd"}).Draw(t, "currency")
		amount := account.PriceAmount{
			Unit: decimal.NewFromInt(rapid.Int64Range(0, 99_990).Draw(t, "amount") / 10 * 10), TaxBehavior: "exclusive",
			Open: rapid.IntRange(0, 5).Draw(t, "open") == 0,
		}
		a.Prices[id] = account.Price{
			ID: id, Active: true, Interval: interval, IntervalCount: rapid.Int64Range(1, 3).Draw(t, interval),
			Currency: currency, Amounts: map[string]account.PriceAmount{currency: amount},
		}
	}
	return a
}

func drawFile(t *rapid.T) []byte {
	b := bytes.NewBufferString("customer,start_date,price,quantity,coupon,default_tax_rate,automatic_tax,cancel_at_period_end\n")
	for i := range rapid.IntRange(1, 30).Draw(t, "rows") {
		start := today.Add(time.Duration(rapid.IntRange(20, 2000).Draw(t, "hours")) * time.Hour)
		rate := rapid.SampledFrom([]string{",false", ",true", "txr_1,"}).Draw(t, "tax")
		fmt.Fprintf(b, "cus_%d,%d,price_%s,%d,%s,%s,%t\n", i, start.Unix(), rapid.SampledFrom([]string{"day", "week", "month", "year"}).Draw(t, "price"),
			rapid.IntRange(0, 9).Draw(t, "quantity"), rapid.SampledFrom([]string{"", "ten"}).Draw(t, "coupon"), rate, rapid.IntRange(0, 5).Draw(t, "ends") == 0)
	}
	return b.Bytes()
}

// TestTotalsAreTheSumsOfRows: by currency and by day, and whatever is counted is a row or a charge of one.
func TestTotalsAreTheSumsOfRows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		facts, file := drawAccount(t), drawFile(t)
		byCurrency, byDay, unknown, rows := map[string]int64{}, map[string]int64{}, map[forecast.Reason]int64{}, int64(0)
		p, err := plan.Make(context.Background(), reviewed(file, facts), config, func(r *plan.Row) error {
			rows++
			for i, c := range r.Charges {
				require.True(t, i == 0 || r.Charges[i-1].At < c.At, "charges strictly increase")
				byCurrency[c.Currency] += c.Total
				byDay[c.Currency+c.At.Time().Format(time.DateOnly)] += c.Total
				for _, why := range c.Unknown {
					unknown[why]++
				}
			}
			return nil
		})
		require.NoError(t, err)
		require.Equal(t, rows, p.Rows.Planned)
		require.Equal(t, p.Rows.Total, p.Rows.Planned+p.Rows.Deferred+p.Rows.Invalid)
		require.Equal(t, unknown, p.Unknown)
		requireSums(t, p, byCurrency, byDay)
		requireRecurring(t, p)
	})
}

func requireSums(t require.TestingT, p *plan.Plan, byCurrency, byDay map[string]int64) {
	for _, total := range p.Totals {
		require.Equal(t, byCurrency[total.Currency], total.All.Total)
		require.Equal(t, total.All.Total, total.Opening.Total+total.First.Total+total.Renewals.Total)
		require.Equal(t, total.All.Charges, total.Opening.Charges+total.First.Charges+total.Renewals.Charges)
		delete(byCurrency, total.Currency)
	}
	require.Empty(t, byCurrency, "every currency has a total")
	for i, d := range p.Days {
		require.Equal(t, byDay[d.Currency+d.Date], d.Total)
		require.True(t, i == 0 || p.Days[i-1].Date < d.Date || p.Days[i-1].Date == d.Date && p.Days[i-1].Currency < d.Currency, "days are sorted")
		delete(byDay, d.Currency+d.Date)
	}
	require.Empty(t, byDay, "every day is listed")
}

// requireRecurring: a month's share of a year is a twelfth, and half a unit off it at most.
func requireRecurring(t require.TestingT, p *plan.Plan) {
	for _, r := range p.Recurring {
		sum, subscriptions := int64(0), int64(0)
		for _, c := range r.Cycles {
			sum, subscriptions = sum+c.Monthly, subscriptions+c.Subscriptions
			if c.Every == "1 year" {
				require.LessOrEqual(t, abs(12*c.Monthly-c.Amount), int64(6))
			}
		}
		require.Equal(t, sum, r.Monthly)
		require.Equal(t, subscriptions, r.Subscriptions)
	}
}

func abs(n int64) int64 { return max(n, -n) }

// TestDigestStandsForEveryRow: the same file gives the same plan, and any change of a row another digest.
func TestDigestStandsForEveryRow(t *testing.T) {
	facts := &account.Account{Prices: map[string]account.Price{
		"price_a": {ID: "price_a", Active: true, Interval: "month", IntervalCount: 1, Currency: "usd", Amounts: account.Fixed("usd", 100, "")},
	}}
	digest := func(csv string) string {
		p, err := plan.Make(t.Context(), reviewed([]byte(csv), facts), config, nil)
		require.NoError(t, err)
		require.EqualValues(t, 2, p.Rows.Planned)
		return p.Digest
	}
	const header = "customer,start_date,price,quantity,metadata.old\n"
	const one, two = "cus_1,1907280000,price_a,1,x\n", "cus_2,1907280000,price_a,1,y\n"
	base := digest(header + one + two)
	require.Equal(t, base, digest(header+one+two))
	for name, csv := range map[string]string{
		"quantity": header + one + "cus_2,1907280000,price_a,2,y\n",
		"start":    header + one + "cus_2,1907280001,price_a,1,y\n",
		"customer": header + one + "cus_3,1907280000,price_a,1,y\n",
		"metadata": header + one + "cus_2,1907280000,price_a,1,z\n",
		"order":    header + two + one,
	} {
		require.NotEqual(t, base, digest(csv), name)
	}
}
