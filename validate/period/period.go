// Package period is the calendar arithmetic of billing periods as Stripe documents it: a period is a whole number
// of days, weeks, months or years counted from an anchor, in UTC, and a month that lacks the anchor's day ends on
// its last one. The anchor's day is not forgotten: from 31 January a monthly cycle goes 28 February, 31 March.
//
// Source: docs.stripe.com/billing/subscriptions/billing-cycle.
package period

import (
	"time"

	"github.com/subferry/subferry/csvspec"
)

// Cycle is how often something is billed: every Count Intervals.
type Cycle struct {
	Interval string // day, week, month or year
	Count    int64  // 1 unless a price says otherwise
}

// Valid tells whether the cycle has an interval that Stripe knows and a positive count.
func (c Cycle) Valid() bool {
	switch c.Interval {
	case "day", "week", "month", "year":
		return c.Count > 0
	}
	return false
}

// Nth returns the moment n periods after the anchor; n may be 0 or negative. A cycle that is not Valid returns
// the anchor itself.
func (c Cycle) Nth(anchor csvspec.Timestamp, n int64) csvspec.Timestamp {
	t, steps := anchor.Time(), int(n*c.Count)
	switch c.Interval {
	case "day":
		return csvspec.At(t.AddDate(0, 0, steps))
	case "week":
		return csvspec.At(t.AddDate(0, 0, 7*steps))
	case "month":
		return csvspec.At(addMonths(t, steps))
	case "year":
		return csvspec.At(addMonths(t, 12*steps))
	}
	return anchor
}

// Next returns the end of the first period: one period after start.
func (c Cycle) Next(start csvspec.Timestamp) csvspec.Timestamp { return c.Nth(start, 1) }

// Drifts tells whether cycles anchored at a and at b, where b is one period after a, part ways later because the
// month of b lacks the day of a (29th to 31st).
func (c Cycle) Drifts(a csvspec.Timestamp) bool {
	b := c.Next(a)
	return b.Time().Day() != a.Time().Day() && (c.Interval == "month" || c.Interval == "year")
}

func addMonths(t time.Time, months int) time.Time {
	first := time.Date(t.Year(), t.Month(), 1, t.Hour(), t.Minute(), t.Second(), 0, time.UTC).AddDate(0, months, 0)
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(t.Day(), last)-1)
}
