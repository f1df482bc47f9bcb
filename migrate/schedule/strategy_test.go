package schedule

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate/account"
)

// TestExactlyOneStrategyFits walks through all combinations of dates before, on, between and after the start and end
// of the first period, in each mode: a row is refused or has one strategy, never two and never none. What is no direct
// subscription is what it would be without them.
func TestExactlyOneStrategyFits(t *testing.T) {
	moments := []csvspec.Timestamp{0, 5, 10, 12, 15, 20, 25} // start 10, end 20
	seen := map[Strategy]int{}
	for _, anchor := range moments {
		for _, trial := range moments {
			for _, backdate := range []csvspec.Timestamp{0, 5} {
				for _, proration := range []string{"", "none", "create_prorations"} {
					for _, end := range []csvspec.Timestamp{0, 20} {
						for _, cancel := range []bool{false, true} {
							at := timing{start: 10, anchor: anchor, trial: trial, periodEnd: end, backdate: backdate, proration: proration, cancel: cancel}
							never := at.outcome(t, Never)
							for _, mode := range []Direct{Never, Needed, Exact} {
								got := at.outcome(t, mode)
								seen[got]++
								if !got.IsDirect() {
									require.Equal(t, never, got, "%+v in mode %s", at, mode)
								} else if mode == Needed {
									require.Equal(t, Strategy("anchor_prorated"), never, "%+v", at)
								}
							}
						}
					}
				}
			}
		}
	}
	for _, s := range Strategies() {
		require.NotZero(t, seen[s], "every strategy has dates that fit it: %s", s)
	}
	require.NotContains(t, seen, Strategy("no_strategy"))
}

// outcome is the strategy of the dates in a mode, or the code with which they are refused.
func (t timing) outcome(test *testing.T, mode Direct) Strategy {
	if err := refuseTiming(t, mode); err != nil {
		return Strategy(err.Code)
	}
	if spec, ok := t.direct(mode); ok {
		fits := 0
		for _, s := range directSpecs {
			if s.fits(t) {
				fits++
			}
		}
		require.Equal(test, 1, fits, "%+v", t)
		return spec.strategy
	}
	return onlyFit(test, t)
}

func onlyFit(t *testing.T, at timing) Strategy {
	t.Helper()
	var fits []Strategy
	for _, r := range strategySpecs {
		if r.fits(at) {
			fits = append(fits, r.strategy)
		}
	}
	require.Len(t, fits, 1, "%+v", at)
	return fits[0]
}

// TestStrategiesKeepTheContract: whatever the dates, iterations or an end date but not both, a trial inside the phase,
// nothing recurring charged before the free time is over.
func TestStrategiesKeepTheContract(t *testing.T) {
	moment := rapid.OneOf(rapid.Just(csvspec.Timestamp(0)), rapid.Map(rapid.IntRange(9, 31), func(n int) csvspec.Timestamp {
		return csvspec.Timestamp(n)
	}))
	rapid.Check(t, func(t *rapid.T) {
		at := timing{
			start: 10, periodEnd: 30, anchor: moment.Draw(t, "anchor"), trial: moment.Draw(t, "trial"),
			proration: rapid.SampledFrom([]string{"", "none", "create_prorations"}).Draw(t, "proration"),
			cancel:    rapid.Bool().Draw(t, "cancel"),
		}
		if refuseTiming(at, Never) != nil {
			return
		}
		found := slices.IndexFunc(strategySpecs[:], func(s strategySpec) bool { return s.fits(at) })
		s := Schedule{StartDate: at.start}
		strategySpecs[found].apply(at, &s)
		p := s.Phase
		require.NotEqual(t, p.Iterations != 0, p.EndDate != 0, "iterations or end date")
		require.False(t, p.Trial && p.TrialEnd != 0, "Stripe takes one of trial and trial_end")
		require.Equal(t, p.Trial, p.EndDate != 0, "an end date only where the whole phase is free")
		require.Equal(t, at.cancel, s.EndBehavior == EndCancel)
		if p.TrialEnd != 0 {
			require.Greater(t, p.TrialEnd, at.start)
			phaseEnd := at.start + csvspec.Timestamp(p.Iterations)*(at.periodEnd-at.start)
			require.Less(t, p.TrialEnd, phaseEnd, "a trial ends before its phase")
		}
	})
}

// TestDirectStrategiesKeepTheContract: whatever the dates, nothing recurring is charged before the start date, and Stripe's
// rules about the parameters are kept.
func TestDirectStrategiesKeepTheContract(t *testing.T) {
	seen := map[Strategy]int{}
	for _, anchor := range []csvspec.Timestamp{0, 9, 10, 11, 12, 29, 30, 31} { // start 10, end 30
		for _, backdate := range []csvspec.Timestamp{0, 5} {
			for _, proration := range []string{"", "none", "create_prorations"} {
				for _, cancel := range []bool{false, true} {
					at := timing{start: 10, periodEnd: 30, anchor: anchor, backdate: backdate, proration: proration, cancel: cancel}
					spec, ok := at.direct(Exact)
					if !ok || refuseTiming(at, Exact) != nil {
						continue
					}
					seen[spec.strategy]++
					var s Subscription
					spec.apply(at, &s)
					require.Contains(t, []string{"none", "create_prorations"}, s.ProrationBehavior, "always stated: the default is not none")
					require.Equal(t, at.backdate, s.BackdateStartDate, "the original start is kept")
					if at.backdate != 0 {
						require.Equal(t, "none", s.ProrationBehavior, "a backdate never charges for the past")
					}
					require.True(t, s.TrialEnd == at.start || s.TrialEnd == 0 && s.BillingCycleAnchor > at.start && s.ProrationBehavior == "none",
						"free until the start date at least: %+v", s)
					require.Equal(t, at.cancel, s.CancelAt != 0)
					if s.CancelAt != 0 {
						require.Equal(t, s.BillingCycleAnchor, s.CancelAt)
					}
				}
			}
		}
	}
	require.Len(t, seen, len(directSpecs), "%v", seen)
}

func TestEveryStrategyIsDescribed(t *testing.T) {
	for _, s := range Strategies() {
		require.NotEmpty(t, s.Description(), s)
	}
	require.Len(t, Strategies(), 11)
	require.Empty(t, Strategy("direct").Description())
}

// BenchmarkFromRow is the time to plan one row whose dates need the price's interval.
func BenchmarkFromRow(b *testing.B) {
	facts := &account.Account{Prices: map[string]account.Price{"price_1": {Interval: "month", IntervalCount: 1}}}
	row := &csvspec.Row{
		Customer: "cus_1", StartDate: 1907280000, BillingCycleAnchor: 1908144000, BackdateStartDate: 1803859200,
		ProrationBehavior: prorationNone, Price: "price_1", Metadata: csvspec.Metadata{{Key: "source", Value: "external:zuora"}},
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := FromRow(row, facts); err != nil {
			b.Fatal(err)
		}
	}
}
