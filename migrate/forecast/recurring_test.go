package forecast_test

import (
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/forecast"
	"github.com/subferry/subferry/migrate/schedule"
	"github.com/subferry/subferry/validate/period"
)

func TestRecurring(t *testing.T) {
	for name, c := range map[string]struct {
		row  *csvspec.Row
		want int64
		why  []forecast.Reason
	}{
		"a year's": {row(func(r *csvspec.Row) { r.Price = "price_yearly" }), 19900, nil},
		"one-offs do not recur": {row(func(r *csvspec.Row) {
			r.Price, r.AddInvoiceItems = "price_monthly", []csvspec.InvoiceItem{{Amount: csvspec.Of(1), Product: "prod_1", Currency: "usd"}}
		}), 1999, nil},
		"nor does a coupon for once":     {row(func(r *csvspec.Row) { r.Price, r.Coupon = "price_monthly", "welcome" }), 1999, nil},
		"nor does one for some months":   {row(func(r *csvspec.Row) { r.Price, r.Coupon = "price_monthly", "three_months" }), 1999, nil},
		"a coupon forever does":          {row(func(r *csvspec.Row) { r.Price, r.Coupon = "price_monthly", "half" }), 999, nil},
		"tax that is added":              {row(func(r *csvspec.Row) { r.Price, r.DefaultTaxRate = "price_monthly", "txr_sales" }), 1999, nil},
		"tax that is contained":          {row(func(r *csvspec.Row) { r.Price, r.DefaultTaxRate = "price_inclusive", "txr_vat" }), 1000, nil},
		"Stripe Tax that is added":       {row(func(r *csvspec.Row) { r.Price, r.AutomaticTax = "price_monthly", true }), 1999, nil},
		"Stripe Tax that is contained":   {row(func(r *csvspec.Row) { r.Price, r.AutomaticTax = "price_inclusive", true }), 1190, []forecast.Reason{forecast.AutomaticTax}},
		"usage":                          {row(func(r *csvspec.Row) { r.Price = "price_usage" }), 0, []forecast.Reason{forecast.MeteredUsage}},
		"nothing of what ends by itself": {row(func(r *csvspec.Row) { r.Price, r.CancelAtPeriodEnd = "price_monthly", true }), 0, nil},
	} {
		planned, err := schedule.FromRow(c.row, exampleAccount())
		require.NoError(t, err, name)
		f := forecast.Of(&planned, exampleAccount(), 0)
		require.Equal(t, c.want, f.Recurring.Amount, name)
		require.Equal(t, c.why, f.Recurring.Unknown, name)
	}
}

func TestMonthly(t *testing.T) {
	for _, c := range []struct {
		amount int64
		cycle  period.Cycle
		want   int64
	}{
		{1999, period.Cycle{Interval: "month", Count: 1}, 1999},
		{19900, period.Cycle{Interval: "year", Count: 1}, 1658}, // 1658.33
		{19906, period.Cycle{Interval: "year", Count: 1}, 1659}, // 1658.83
		{6, period.Cycle{Interval: "year", Count: 1}, 1},        // 0.5 is rounded away from zero
		{1000, period.Cycle{Interval: "month", Count: 3}, 333},  // 333.33
		{1000, period.Cycle{Interval: "week", Count: 1}, 4345},  // 365/7/12 = 4.3452
		{1000, period.Cycle{Interval: "day", Count: 1}, 30417},  // 365/12 = 30.4167
		{1000, period.Cycle{Interval: "day", Count: 365}, 83},   // a year's
		{19900, period.Cycle{Interval: "year", Count: 3}, 553},  // 552.78
	} {
		got, ok := forecast.Monthly(c.amount, c.cycle)
		require.True(t, ok)
		require.Equal(t, c.want, got, "%d every %v", c.amount, c.cycle)
	}
	for _, bad := range []period.Cycle{{}, {Interval: "fortnight", Count: 1}} {
		_, ok := forecast.Monthly(1, bad)
		require.False(t, ok)
	}
	_, ok := forecast.Monthly(math.MaxInt64, period.Cycle{Interval: "day", Count: 1})
	require.False(t, ok, "it does not fit")
}

// TestMonthlyIsTheNearest: half a unit at most lies between the exact quotient and the result.
func TestMonthlyIsTheNearest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		amount := rapid.Int64Range(0, 1<<57).Draw(t, "amount")
		count := rapid.Int64Range(1, 3).Draw(t, "count")
		monthly, ok := forecast.Monthly(amount, period.Cycle{Interval: "year", Count: count})
		require.True(t, ok)
		exact := big.NewRat(amount, 12*count)
		distance := new(big.Rat).Sub(new(big.Rat).SetInt64(monthly), exact)
		require.True(t, distance.Abs(distance).Cmp(big.NewRat(1, 2)) <= 0)
	})
}
