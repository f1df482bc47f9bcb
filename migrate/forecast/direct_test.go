package forecast_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/forecast"
	"github.com/subferry/subferry/migrate/schedule"
)

// TestMonthsBeforeTheFirstCharge: the months of a coupon that are over before the first charge discount nothing, and the
// charges that would have the discount if they counted from the first one say that this is assumed. The row starts on 10 June;
// the direct subscription is created on 10 April, so that a month is over on 10 May and three months on 10 July.
func TestMonthsBeforeTheFirstCharge(t *testing.T) {
	for coupon, want := range map[string][]string{
		"one_month": {"2030-04-10 opening 0.00 USD", "2030-06-10 first 19.99 USD [repeating_from_start]", "2030-07-10 renewal 19.99 USD", "2030-08-10 renewal 19.99 USD"},
		"three_months": {"2030-04-10 opening 0.00 USD", "2030-06-10 first 17.99 USD | items 19.99 | discount 2.00",
			"2030-07-10 renewal 19.99 USD [repeating_from_start]", "2030-08-10 renewal 19.99 USD [repeating_from_start]"},
	} {
		facts := exampleAccount()
		planned, err := schedule.Planner{Account: facts, Direct: schedule.Exact, Now: on(time.April, 10)}.FromRow(row(func(r *csvspec.Row) {
			r.Price, r.Coupon, r.ProrationBehavior, r.BackdateStartDate = "price_monthly", coupon, "none", on(time.January, 10)
		}))
		require.NoError(t, err)
		f := forecast.Of(&planned, facts, 2)
		got := []string{}
		for _, c := range f.Charges {
			text := line(c)
			for _, a := range c.Assumptions {
				if a != forecast.CustomerNotLookedUp {
					text += " [" + string(a) + "]"
				}
			}
			got = append(got, text)
		}
		require.Equal(t, want, got, coupon)
	}
}
