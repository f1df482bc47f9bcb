package report

import (
	"strconv"
	"strings"
	"time"

	"github.com/subferry/subferry/csvspec"
)

// money writes an amount with its currency and with thousands set apart: 12,345.67 USD.
func money(minor int64, currency string) string {
	text := csvspec.Money{Minor: minor, Currency: currency}.String()
	end := strings.IndexAny(text, ". ")
	if end < 0 {
		end = len(text)
	}
	return apart(text[:end]) + text[end:]
}

// number writes a count with thousands set apart.
func number(n int64) string { return apart(strconv.FormatInt(n, 10)) }

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

// count writes 1 charge, 2 charges.
func count(n int64, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return number(n) + " " + one + "s"
}

// moment writes a moment for people.
func moment(t time.Time) string { return t.UTC().Format("2 Jan 2006 15:04 UTC") }

// exact writes a moment to the second; "" when it is blank.
func exact(t csvspec.Timestamp) string {
	if t.IsBlank() {
		return ""
	}
	return t.Time().Format("2006-01-02 15:04:05")
}

func date(t csvspec.Timestamp) string { return t.Time().Format("2006-01-02") }
