// Package billing computes what a subscription is charged and when: pure functions over data, in whole minor units and
// Unix seconds.
package billing

import "time"

// Interval is how often something recurs: Count times day, week, month or year.
type Interval struct {
	Unit  string
	Count int64
}

// Add returns the n-th recurrence after an anchor. Months and years keep the anchor's day and clock time (UTC), clamped
// to the last day of a shorter month: the 31st of January is followed by the 28th or 29th of February and then by the
// 31st of March, because every date is counted from the anchor and not from the date before it.
func (i Interval) Add(anchor, n int64) int64 {
	switch i.Unit {
	case "day":
		return anchor + n*i.Count*24*60*60
	case "week":
		return anchor + n*i.Count*7*24*60*60
	case "year":
		return addMonths(anchor, 12*n*i.Count)
	default:
		return addMonths(anchor, n*i.Count)
	}
}

func addMonths(anchor, months int64) int64 {
	at := time.Unix(anchor, 0).UTC()
	first := time.Date(at.Year(), at.Month()+time.Month(months), 1, at.Hour(), at.Minute(), at.Second(), 0, time.UTC)
	day := min(at.Day(), daysIn(first))
	return first.AddDate(0, 0, day-1).Unix()
}

func daysIn(month time.Time) int {
	return time.Date(month.Year(), month.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// Next returns the first recurrence of the anchor after a time. The anchor itself counts when it is after the time.
func (i Interval) Next(anchor, after int64) int64 {
	n := i.guess(anchor, after)
	for i.Add(anchor, n) > after {
		n--
	}
	for i.Add(anchor, n) <= after {
		n++
	}
	return i.Add(anchor, n)
}

// guess is a count close to the wanted one; Next corrects it.
func (i Interval) guess(anchor, after int64) int64 {
	days := map[string]int64{"day": 1, "week": 7, "month": 30, "year": 365}[i.Unit]
	return (after - anchor) / (days * i.Count * 24 * 60 * 60)
}

// Before returns the recurrence before one that Next returned.
func (i Interval) Before(anchor, next int64) int64 {
	n := i.guess(anchor, next)
	for i.Add(anchor, n) < next {
		n++
	}
	for i.Add(anchor, n) >= next {
		n--
	}
	return i.Add(anchor, n)
}
