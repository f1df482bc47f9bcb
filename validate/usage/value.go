package usage

import "strings"

// valueProblem is why a text is no value of an event.
type valueProblem uint8

const (
	valueFine valueProblem = iota
	valueMissing
	valueUnreadable
	valueLong // more digits than are kept exactly
)

// mostDigits is how many digits a value may have: what Stripe documents for decimal values, and what fits sums of a
// million of them exactly in what Stripe's answers can show.
const mostDigits = 15

// parseValue reads a decimal number and writes it without superfluous zeros. Nothing is rounded, and no separators of
// thousands are guessed at.
func parseValue(text string) (string, valueProblem) {
	if text == "" {
		return "", valueMissing
	}
	digits, negative := strings.CutPrefix(text, "-")
	whole, fraction, dotted := strings.Cut(digits, ".")
	if whole == "" && fraction == "" || dotted && fraction == "" || strings.Trim(whole+fraction, "0123456789") != "" || whole == "" {
		return "", valueUnreadable
	}
	whole, fraction = strings.TrimLeft(whole, "0"), strings.TrimRight(fraction, "0")
	if len(whole)+len(fraction) > mostDigits {
		return "", valueLong
	}
	if whole == "" {
		whole = "0"
	}
	value := whole
	if fraction != "" {
		value += "." + fraction
	}
	if negative && value != "0" {
		value = "-" + value
	}
	return value, valueFine
}
