package rehearse_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/rehearse"
	"github.com/subferry/subferry/migrate/schedule"
	"github.com/subferry/subferry/validate"
)

// TestDirectSubscriptionsAreRehearsed plays generated files with direct subscriptions among their rows, as a run creates
// them, in one part and in several: what is invoiced is what was forecast.
func TestDirectSubscriptionsAreRehearsed(t *testing.T) {
	t.Parallel()
	strategies := map[schedule.Strategy]int64{}
	for n := range 2 * len(families) {
		one := generate(t, n, 120, schedule.Exact)
		play := func(customersPerPart int) *rehearse.Rehearsal {
			box := boxWith(t, one.from, string(one.account))
			defer box.Close()
			r, err := rehearse.Run(context.Background(), rehearse.Config{
				Sandbox: box, Input: inputOf(string(one.csv)),
				Options: migrate.Options{Unit: csvspec.UnitMinor, Lead: validate.LiveLead, SkipInvalid: true, CheckCustomers: true, Direct: schedule.Exact},
			}.Divided(customersPerPart))
			require.NoError(t, err)
			return r
		}
		whole, divided := play(1000), play(10)
		require.Empty(t, whole.Differences.Shown, "batch %d", n)
		require.Empty(t, whole.Failures.Counts[rehearse.RowRefused], "batch %d: %+v", n, whole.Failures.Shown)
		for s, rows := range whole.Review.Strategies {
			strategies[s] += rows
		}
		require.Equal(t, whole.Review.Direct(0), whole.Direct, "batch %d: none is refused", n)
		whole.Review, divided.Review = nil, nil
		require.Equal(t, whole, divided, "batch %d", n)
	}
	for _, s := range schedule.Strategies() {
		require.True(t, !s.IsDirect() || strategies[s] > 0, "%s: %v", s, strategies)
	}
	t.Logf("%v", strategies)
}
