// Package period is the calendar arithmetic of billing periods as Stripe documents it: a period is a whole number
// of days, weeks, months or years counted from an anchor, in UTC, and a month that lacks the anchor's day ends on
// its last one. The anchor's day is not forgotten: from 31 January a monthly cycle goes 28 February, 31 March.
//
// Source: docs.stripe.com/billing/subscriptions/billing-cycle.
package period

import "github.com/subferry/subferry/csvspec"

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
	switch steps := n * c.Count; c.Interval {
	case "day":
		return addDays(anchor, steps)
	case "week":
		return addDays(anchor, 7*steps)
	case "month":
		return addMonths(anchor, steps)
	case "year":
		return addMonths(anchor, 12*steps)
	}
	return anchor
}

// Next returns the end of the first period: one period after start.
func (c Cycle) Next(start csvspec.Timestamp) csvspec.Timestamp { return c.Nth(start, 1) }

// Reaching returns the first moment from which on Next lies after t. Where months differ in length that is not the same
// as the first moment at all: Next of 31 January at noon lies before Next of 28 January in the evening.
func (c Cycle) Reaching(t csvspec.Timestamp) csvspec.Timestamp {
	from := c.Nth(t, -1)
	if c.Next(from) < t { // the month before lacks the day of t, so that no moment in it reaches t
		return addDays(from, 1) / secondsADay * secondsADay
	}
	for c.Next(addDays(from, 1)) <= t { // the last days of a longer month share their Next
		from = addDays(from, 1)
	}
	return from + 1
}

// Drifts tells whether cycles anchored at a and at b, where b is one period after a, part ways later because the
// month of b lacks the day of a (29th to 31st).
func (c Cycle) Drifts(a csvspec.Timestamp) bool {
	b := c.Next(a)
	return b.Time().Day() != a.Time().Day() && (c.Interval == "month" || c.Interval == "year")
}

// secondsADay is the length of each day in UTC.
const secondsADay = 86400

func addDays(t csvspec.Timestamp, days int64) csvspec.Timestamp {
	return t + csvspec.Timestamp(days*secondsADay)
}

// addMonths adds months, and takes the last day of a month that lacks the day of t.
func addMonths(t csvspec.Timestamp, months int64) csvspec.Timestamp {
	seconds := int64(t)
	days := floorDiv(seconds, secondsADay)
	year, month, day := civil(days)
	month += months - 1
	year, month = year+floorDiv(month, 12), month-12*floorDiv(month, 12)+1
	if day > 28 {
		day = min(day, daysBefore(year, month+1, 1)-daysBefore(year, month, 1))
	}
	return csvspec.Timestamp(daysBefore(year, month, day)*secondsADay + seconds - days*secondsADay)
}
