// Package words writes counts and moments in the one form that all messages have.
package words

import (
	"strconv"
	"strings"

	"github.com/subferry/subferry/csvspec"
)

// Count returns a count with its noun: 1 row, 2 rows, 1200 rows. The plural of the noun must be its singular and an s.
func Count[N int | int64](n N, one string) string {
	return strconv.FormatInt(int64(n), 10) + " " + plural(n, one)
}

// GroupedCount is Count with commas between the thousands: 1,200 rows.
func GroupedCount[N int | int64](n N, one string) string { return Grouped(n) + " " + plural(n, one) }

func plural[N int | int64](n N, one string) string {
	if n == 1 {
		return one
	}
	return one + "s"
}

// Grouped returns a number with commas between its thousands: 1,234,567.
func Grouped[N int | int64](n N) string { return GroupedDigits(strconv.FormatInt(int64(n), 10)) }

// GroupedDigits is Grouped of a whole number that is written already, as the front of an amount is: -0 stays -0.
func GroupedDigits(text string) string {
	first := len(text) - len(strings.TrimPrefix(text, "-"))
	for at := len(text) - 3; at > first; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}

// Moment is a timestamp that is formatted, to the second and in UTC, when the message is: 2027-02-01 00:00:00 UTC.
type Moment csvspec.Timestamp

// String returns the moment with its time of day.
func (m Moment) String() string { return csvspec.Timestamp(m).Time().Format("2006-01-02 15:04:05 UTC") }

// Minute is a timestamp as people say it, to the minute and in UTC: 1 Feb 2027 00:00 UTC.
type Minute csvspec.Timestamp

// String returns the day and the time of day.
func (m Minute) String() string { return csvspec.Timestamp(m).Time().Format("2 Jan 2006 15:04 UTC") }

// Day is a timestamp of which the day in UTC is of interest: 1 February 2027.
type Day csvspec.Timestamp

// String returns the day with the name of its month.
func (d Day) String() string { return csvspec.Timestamp(d).Time().Format("2 January 2006") }
