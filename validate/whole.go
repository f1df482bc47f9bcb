package validate

import (
	"strconv"
	"strings"

	"github.com/subferry/subferry/csvspec"
)

// WholeNumber returns the whole number that a text is when all its decimals are 0 (2.0, or 2,0 where the comma is the
// decimal sign), and "" otherwise. Three zeros may be thousands, and are left alone.
func WholeNumber(text string) string {
	number, decimals, ok := decimalsOf(text)
	if !ok || len(decimals) == 3 || strings.Trim(decimals, "0") != "" {
		return ""
	}
	return number
}

// WholeAmount is WholeNumber for an amount of a file whose amounts are stated in unit. While nobody has said that they
// are minor units only a single 0 goes, which pandas puts behind each number of a column with blanks: the amount is the
// same in either unit without it, but 19.00 shows that full units are meant. In full units nothing has to be mended.
func WholeAmount(text string, unit csvspec.Unit) string {
	if _, decimals, _ := decimalsOf(text); unit == csvspec.UnitMajor || unit == csvspec.UnitUnstated && decimals != "0" {
		return ""
	}
	return WholeNumber(text)
}

// AmountInDoubt tells whether an amount looks like one in full units: whether it has decimals other than a single 0.
func AmountInDoubt(text string) bool {
	text = strings.TrimSpace(text)
	return strings.ContainsAny(text, ".,") && WholeAmount(text, csvspec.UnitUnstated) == ""
}

// decimalsOf splits a number from its decimals.
func decimalsOf(text string) (number, decimals string, ok bool) {
	at := strings.IndexAny(text, ".,")
	if at < 0 {
		return "", "", false
	}
	number, decimals = text[:at], text[at+1:]
	if _, err := strconv.ParseInt(number, 10, 64); err != nil || decimals == "" || strings.Trim(decimals, "0123456789") != "" {
		return "", "", false
	}
	return number, decimals, true
}
