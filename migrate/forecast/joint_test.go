package forecast_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/forecast"
	"github.com/subferry/subferry/migrate/schedule"
	"github.com/subferry/subferry/validate/account"
)

// TestJointMissesNothing: a row that a Joint leaves out is forecast by itself as it is together with the others.
func TestJointMissesNothing(t *testing.T) {
	joined, alone := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		facts := drawCustomer(t)
		var rows []*schedule.Planned
		for range rapid.IntRange(1, 4).Draw(t, "rows") {
			r := drawRow(t)
			if rapid.IntRange(0, 2).Draw(t, "small") == 0 {
				r.Items, r.AdhocItems, r.Price = nil, nil, "price_small"
				r.Quantity = csvspec.Of(rapid.Int64Range(0, 4).Draw(t, "units"))
			}
			if planned, err := schedule.FromRow(r, facts); err == nil {
				rows = append(rows, &planned)
			}
		}
		joint := forecast.NewJoint(facts)
		for _, r := range rows {
			joint.See(r)
		}
		if joint.More() {
			for i, r := range rows {
				joint.Keep(int64(i), r)
			}
		}
		some := joint.Forecasts(2)
		for i, want := range forecast.Together(rows, facts, 2) {
			got, ok := some[int64(i)]
			if !ok {
				got = forecast.Of(rows[i], facts, 2)
				alone++
			} else {
				joined++
			}
			require.Equal(t, want.Charges, got.Charges)
		}
	})
	require.Positive(t, joined)
	require.Positive(t, alone)
}

// drawCustomer draws the account of the examples, with a price below the minimum charge and with a customer.
func drawCustomer(t *rapid.T) *account.Account {
	coupon := func(id, duration string) *account.Discount {
		d := &account.Discount{Start: on(time.January, 1) - 700*86400, Coupon: account.Coupon{ID: id, Duration: duration, AmountOff: 290, Currency: "usd"}}
		if duration == "repeating" {
			d.Coupon.DurationInMonths, d.End = 20, on(time.January, 1)
		}
		return d
	}
	facts := withCustomer(account.Customer{
		Balance:   rapid.SampledFrom([]int64{0, 0, 0, 0, -90, -5000, 30, 4000}).Draw(t, "balance"),
		Discount:  rapid.SampledFrom([]*account.Discount{nil, nil, coupon("once", "once"), coupon("some", "repeating"), coupon("ever", "forever")}).Draw(t, "discount"),
		TaxExempt: rapid.SampledFrom([]string{"none", "none", "reverse"}).Draw(t, "exempt"),
	})
	small := facts.Prices["price_seat"]
	small.ID, small.Amounts = "price_small", account.Fixed("usd", 20, "")
	facts.Prices["price_small"] = small
	return facts
}

// TestJointKeepsFewRows: those of customers with one row, or without anything to share, are not kept.
func TestJointKeepsFewRows(t *testing.T) {
	facts := withCustomer(account.Customer{Balance: -5000})
	facts.Customers["cus_2"] = account.Customer{ID: "cus_2"}
	joint := forecast.NewJoint(facts)
	rows := []*schedule.Planned{}
	for _, customer := range []string{"cus_1", "cus_2", "cus_2"} {
		rows = append(rows, plannedOf(t, row(func(r *csvspec.Row) { r.Customer, r.Price = customer, "price_monthly" }), facts))
		joint.See(rows[len(rows)-1])
	}
	require.False(t, joint.More())
	joint.See(rows[0])
	require.True(t, joint.More())
	for i, r := range append(rows, rows[0]) {
		joint.Keep(int64(i), r)
	}
	some := joint.Forecasts(1)
	require.Len(t, some, 2)
	require.Contains(t, some, int64(0))
	require.Contains(t, some, int64(3))
}
