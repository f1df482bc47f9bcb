package period_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate/period"
)

// TestNthIsPackageTimes compares the arithmetic with that of package time, leap years and moments before 1970 included.
func TestNthIsPackageTimes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		anchor := csvspec.Timestamp(rapid.Int64Range(-70_000_000_000, 400_000_000_000).Draw(t, "anchor"))
		if rapid.Bool().Draw(t, "month end") {
			at := moment(anchor)
			anchor = csvspec.At(time.Date(at.Year(), at.Month(), rapid.IntRange(28, 31).Draw(t, "day"), at.Hour(), at.Minute(), at.Second(), 0, time.UTC))
		}
		cycle := period.Cycle{
			Interval: rapid.SampledFrom([]string{"day", "week", "month", "year", "decade"}).Draw(t, "interval"),
			Count:    rapid.Int64Range(1, 40).Draw(t, "count"),
		}
		n := rapid.Int64Range(-120, 120).Draw(t, "n")
		require.Equal(t, byPackageTime(cycle, anchor, n), cycle.Nth(anchor, n))
	})
}

func byPackageTime(c period.Cycle, anchor csvspec.Timestamp, n int64) csvspec.Timestamp {
	t, steps := moment(anchor), int(n*c.Count)
	months := 0
	switch c.Interval {
	case "day":
		return csvspec.At(t.AddDate(0, 0, steps))
	case "week":
		return csvspec.At(t.AddDate(0, 0, 7*steps))
	case "month":
		months = steps
	case "year":
		months = 12 * steps
	default:
		return anchor
	}
	first := time.Date(t.Year(), t.Month(), 1, t.Hour(), t.Minute(), t.Second(), 0, time.UTC).AddDate(0, months, 0)
	last := first.AddDate(0, 1, -1).Day()
	return csvspec.At(first.AddDate(0, 0, min(t.Day(), last)-1))
}

// moment returns the moment of 0 as well, which [csvspec.Timestamp.Time] takes for a blank field.
func moment(at csvspec.Timestamp) time.Time { return time.Unix(int64(at), 0).UTC() }
