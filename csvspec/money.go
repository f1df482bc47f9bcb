package csvspec

import (
	"strconv"
	"strings"
)

// Money is an amount in the minor units of its currency (cents for usd, yen for jpy).
type Money struct {
	Minor    int64
	Currency string // ISO code, lower case
}

// Unit says how a file states its amounts. Stripe's documentation exists in two wordings that differ by a factor
// of 100, so the unit is never guessed from the amounts.
type Unit uint8

// The units. UnitUnstated reads like UnitMinor, but the reader's user has not said so.
const (
	UnitUnstated Unit = iota
	UnitMinor         // a whole number of minor units: 2150 is 21.50 USD
	UnitMajor         // full units with decimals: 21.50 is 21.50 USD
)

// String returns "unstated", "minor" or "major".
func (u Unit) String() string {
	switch u {
	case UnitMinor:
		return "minor"
	case UnitMajor:
		return "major"
	default:
		return "unstated"
	}
}

// String returns the amount in full units with its currency, without thousands separators: "19.99 USD",
// "1999 JPY", "12.345 KWD". An amount whose currency is not known cannot be placed: it is given in minor units,
// and says so.
func (m Money) String() string {
	decimals, known := Decimals(m.Currency)
	switch {
	case m.Currency == "":
		return strconv.FormatInt(m.Minor, 10) + " minor units of a currency that is not stated"
	case !known:
		return strings.TrimSpace(strconv.FormatInt(m.Minor, 10) + " minor units of " + strings.ToUpper(m.Currency))
	}
	return point(m.Minor, decimals) + " " + strings.ToUpper(m.Currency)
}

// Amount returns the amount as a cell of a file of the unit states it: "1999" in minor, "19.99" in major units.
// In major units the currency must be known; otherwise the minor units are given.
func (m Money) Amount(unit Unit) string {
	decimals, known := Decimals(m.Currency)
	if unit != UnitMajor || !known {
		decimals = 0
	}
	return point(m.Minor, decimals)
}

// point sets the decimal point.
func point(minor int64, decimals int) string {
	digits := strconv.FormatInt(minor, 10)
	sign := ""
	if minor < 0 {
		sign, digits = "-", digits[1:]
	}
	if decimals == 0 {
		return sign + digits
	}
	for len(digits) <= decimals {
		digits = "0" + digits
	}
	cut := len(digits) - decimals
	return sign + digits[:cut] + "." + digits[cut:]
}

// ParseMoney reads an amount of the unit in the currency: digits, with a sign if need be, and in major units a point
// and decimals. It calculates with the digits as they are: nothing is rounded, no float is involved. Spaces around it
// are ignored; thousands separators are not understood, because their meaning differs between countries.
//
// Minor units need no currency. In major units an unknown currency is ProblemNoCurrency.
func ParseMoney(text string, unit Unit, currency string) (Money, Problem) {
	m := Money{Currency: fold(strings.TrimSpace(currency))}
	var problem Problem
	m.Minor, problem = parseAmount(strings.TrimSpace(text), unit, m.Currency)
	return m, problem
}

// parseAmount reads an amount as a number of minor units.
func parseAmount(text string, unit Unit, currency string) (int64, Problem) {
	if n, problem := parseInt(text); problem != ProblemNotInteger && unit != UnitMajor {
		return n, problem
	}
	whole, decimals, pointed := strings.Cut(text, ".")
	if !isInt(whole) || pointed && !isDigits(decimals) {
		return 0, ProblemNotAmount
	}
	if unit != UnitMajor {
		return 0, ProblemMinorHasDecimals
	}
	places, known := Decimals(currency)
	switch {
	case !known:
		return 0, ProblemNoCurrency
	case len(decimals) > places:
		return 0, ProblemTooManyDecimals
	}
	return parseInt(whole + decimals + "000"[:places-len(decimals)])
}
