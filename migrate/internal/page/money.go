package page

import (
	"strconv"
	"strings"
	"time"

	"github.com/subferry/subferry/csvspec"
)

// Money writes an amount with its currency and with thousands set apart: 12,345.67 USD.
func Money(minor int64, currency string) string {
	text := csvspec.Money{Minor: minor, Currency: currency}.String()
	end := strings.IndexAny(text, ". ")
	if end < 0 {
		end = len(text)
	}
	return apart(text[:end]) + text[end:]
}

// Number writes a count with thousands set apart.
func Number(n int64) string { return apart(strconv.FormatInt(n, 10)) }

func apart(digits string) string {
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "-", digits[1:]
	}
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return sign + digits
}

// Count writes 1 charge, 2 charges.
func Count(n int64, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return Number(n) + " " + one + "s"
}

// Moment writes a moment for people.
func Moment(t time.Time) string { return t.UTC().Format("2 Jan 2006 15:04 UTC") }

// Exact writes a moment to the second; "" when it is blank.
func Exact(t csvspec.Timestamp) string {
	if t.IsBlank() {
		return ""
	}
	return t.Time().Format("2006-01-02 15:04:05")
}

// Date writes the day of a moment in UTC.
func Date(t csvspec.Timestamp) string { return t.Time().Format("2006-01-02") }
