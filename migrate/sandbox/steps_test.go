package sandbox

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// TestStepsAndJumpsAgree advances one sandbox in a single jump, and another in random steps with the process ended and
// begun again in between. Their invoices are the same: nothing depends on when somebody looks.
func TestStepsAndJumpsAgree(t *testing.T) {
	t.Parallel()
	dirs := t.TempDir()
	round := 0
	rapid.Check(t, func(r *rapid.T) {
		round++
		params := randomSchedule(r)
		until := start.AddDate(0, 0, rapid.IntRange(30, 800).Draw(r, "days"))

		jump := open4test(t, Options{}).stock().stockMore().anyTax()
		jump.post(schedulesPath, params...).ok()
		require.NoError(r, jump.Advance(t.Context(), until))

		opts := Options{Dir: fmt.Sprintf("%s/%d", dirs, round)}
		steps := open4test(t, opts).stock().stockMore().anyTax()
		steps.post(schedulesPath, params...).ok()
		for at := start; at.Before(until); {
			at = at.Add(time.Duration(rapid.IntRange(1, 3000).Draw(r, "hours")) * time.Hour)
			if at.After(until) {
				at = until
			}
			require.NoError(r, steps.Advance(t.Context(), at))
			if rapid.IntRange(0, 3).Draw(r, "restart") == 0 {
				steps = reopen(t, steps, opts)
			}
		}
		require.Equal(r, jump.story("cus_1"), steps.story("cus_1"))
	})
}

// randomSchedule is a schedule of any kind the sandbox accepts.
func randomSchedule(r *rapid.T) []string {
	starts := start.Add(time.Duration(rapid.IntRange(1, 24*400).Draw(r, "start")) * time.Hour)
	pairs := schedule(
		fmt.Sprintf("start_date=%d", starts.Unix()),
		"phases[0][items][0][price]="+rapid.SampledFrom([]string{"price_1", "price_year"}).Draw(r, "price"),
		fmt.Sprintf("phases[0][items][0][quantity]=%d", rapid.IntRange(0, 5).Draw(r, "quantity")),
		"end_behavior="+rapid.SampledFrom([]string{"release", "cancel"}).Draw(r, "end"),
		fmt.Sprintf("phases[0][iterations]=%d", rapid.IntRange(1, 3).Draw(r, "iterations")),
	)
	if coupon := rapid.SampledFrom([]string{"", "TEN", "ONCE", "TWOMONTHS"}).Draw(r, "coupon"); coupon != "" {
		pairs = append(pairs, "phases[0][coupon]="+coupon)
	}
	if rate := rapid.SampledFrom([]string{"", "txr_1", "txr_in"}).Draw(r, "tax"); rate != "" {
		pairs = append(pairs, "phases[0][default_tax_rates][0]="+rate)
	}
	if rapid.Bool().Draw(r, "trial") {
		pairs = append(pairs, fmt.Sprintf("phases[0][trial_end]=%d", starts.AddDate(0, 0, rapid.IntRange(1, 27).Draw(r, "trial days")).Unix()))
	}
	return pairs
}
