package period_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate/period"
)

func at(s string) csvspec.Timestamp {
	t, err := time.Parse("2006-01-02 15:04", s)
	if err != nil {
		panic(err)
	}
	return csvspec.At(t)
}

func TestNth(t *testing.T) {
	month, year := period.Cycle{Interval: "month", Count: 1}, period.Cycle{Interval: "year", Count: 1}
	for _, c := range []struct {
		cycle  period.Cycle
		anchor string
		n      int64
		want   string
	}{
		{month, "2027-01-31 22:15", 1, "2027-02-28 22:15"},
		{month, "2027-01-31 22:15", 2, "2027-03-31 22:15"},
		{month, "2028-01-30 00:00", 1, "2028-02-29 00:00"},
		{month, "2027-03-31 00:00", -1, "2027-02-28 00:00"},
		{month, "2027-12-15 00:00", 1, "2028-01-15 00:00"},
		{year, "2028-02-29 00:00", 1, "2029-02-28 00:00"},
		{year, "2028-02-29 00:00", 4, "2032-02-29 00:00"},
		{period.Cycle{Interval: "month", Count: 3}, "2026-11-30 00:00", 1, "2027-02-28 00:00"},
		{period.Cycle{Interval: "week", Count: 2}, "2026-12-25 08:00", 1, "2027-01-08 08:00"},
		{period.Cycle{Interval: "day", Count: 1}, "2028-02-28 23:59", 1, "2028-02-29 23:59"},
		{month, "2027-01-31 00:00", 0, "2027-01-31 00:00"},
	} {
		require.Equal(t, at(c.want), c.cycle.Nth(at(c.anchor), c.n), "%s + %d %v", c.anchor, c.n, c.cycle)
	}
}

func TestDrifts(t *testing.T) {
	month := period.Cycle{Interval: "month", Count: 1}
	require.True(t, month.Drifts(at("2027-01-31 00:00")), "28 February forgets the 31st")
	require.False(t, month.Drifts(at("2027-03-28 00:00")))
	require.True(t, period.Cycle{Interval: "year", Count: 1}.Drifts(at("2028-02-29 00:00")))
}

func ExampleCycle_Nth() {
	monthly := period.Cycle{Interval: "month", Count: 1}
	start := csvspec.At(time.Date(2027, 1, 31, 0, 0, 0, 0, time.UTC))
	fmt.Println(monthly.Nth(start, 1), monthly.Nth(start, 2))
	// Output: 2027-02-28T00:00:00Z 2027-03-31T00:00:00Z
}

// TestReaching: the first moment from which on one period leads beyond another, also where the month before lacks its day.
func TestReaching(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := period.Cycle{
			Interval: rapid.SampledFrom([]string{"day", "week", "month", "year"}).Draw(t, "interval"),
			Count:    rapid.Int64Range(1, 13).Draw(t, "count"),
		}
		to := csvspec.Timestamp(rapid.Int64Range(1_500_000_000, 2_200_000_000).Draw(t, "to"))
		if rapid.Bool().Draw(t, "month end") {
			at := to.Time()
			to = csvspec.At(time.Date(at.Year(), at.Month()+1, 0, at.Hour(), at.Minute(), at.Second(), 0, time.UTC))
		}
		from := c.Reaching(to)
		require.Greater(t, c.Next(from), to)
		require.LessOrEqual(t, c.Next(from-1), to)
		for day := range csvspec.Timestamp(40) {
			later := from + day*86400 + csvspec.Timestamp(rapid.Int64Range(0, 86399).Draw(t, "later"))
			require.Greater(t, c.Next(later), to, later.String())
		}
	})
}
