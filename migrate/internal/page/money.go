package page

import (
	"strings"
	"time"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/csvspec/words"
)

// Money writes an amount with its currency and with thousands set apart: 12,345.67 USD.
func Money(minor int64, currency string) string {
	text := csvspec.Money{Minor: minor, Currency: currency}.String()
	end := strings.IndexAny(text, ". ")
	if end < 0 {
		end = len(text)
	}
	return words.GroupedDigits(text[:end]) + text[end:]
}

// Moment writes a moment for people.
func Moment(t time.Time) string { return words.Minute(csvspec.At(t)).String() }

// Exact writes a moment to the second; "" when it is blank.
func Exact(t csvspec.Timestamp) string {
	if t.IsBlank() {
		return ""
	}
	return t.Time().Format("2006-01-02 15:04:05")
}

// Date writes the day of a moment in UTC.
func Date(t csvspec.Timestamp) string { return t.Time().Format("2006-01-02") }
