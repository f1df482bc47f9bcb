package report

import (
	"time"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/rehearse"
)

// bucket is some days that are shown together.
type bucket struct {
	from csvspec.Timestamp // midnight of the first day
	to   csvspec.Timestamp // midnight after the last one
	rehearse.Sums
}

// inCurrency returns the days of one currency.
func inCurrency(days []rehearse.Day, currency string) (list []rehearse.Day) {
	for _, d := range days {
		if d.Currency == currency {
			list = append(list, d)
		}
	}
	return list
}

// months adds up days by calendar month. Months without a charge are left out.
func months(days []rehearse.Day) (list []bucket) {
	for _, d := range days {
		t := d.Date.Time()
		from := csvspec.At(time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC))
		if len(list) == 0 || list[len(list)-1].from != from {
			list = append(list, bucket{from: from, to: csvspec.At(from.Time().AddDate(0, 1, 0))})
		}
		list[len(list)-1].Merge(d.Sums)
	}
	return list
}

// week is the seconds of a week, day those of a day.
const (
	day  = 24 * 60 * 60
	week = 7 * day
)

// evenly adds up days in buckets of one length from the first day to the last, empty ones included: an axis of time.
func evenly(days []rehearse.Day, length csvspec.Timestamp) []bucket {
	if len(days) == 0 {
		return nil
	}
	first, last := days[0].Date, days[len(days)-1].Date
	list := make([]bucket, 0, (last-first)/length+1)
	for from := first; from <= last; from += length {
		list = append(list, bucket{from: from, to: from + length})
	}
	for _, d := range days {
		list[(d.Date-first)/length].Merge(d.Sums)
	}
	return list
}
