package page

import (
	"strings"

	"github.com/subferry/subferry/migrate/forecast"
)

// Basis says what a charge rests on, or why it is not known.
func Basis(c *forecast.Charge) string {
	var words []string
	switch c.Basis() {
	case forecast.NotKnown:
		for _, why := range c.Unknown {
			words = append(words, why.Description())
		}
		return "not known: " + strings.Join(words, "; ")
	case forecast.FromAssumption:
		for _, a := range c.Assumptions {
			words = append(words, a.Description())
		}
		return "assumed: " + strings.Join(words, "; ")
	}
	return "the account"
}

// Counted is how many rows or charges something is said of.
type Counted struct {
	N    int64
	Text string
}

// Bases are what the charges of a page rest on besides the account, and why some are not known.
type Bases struct {
	Assumptions, Unknown []Counted
}

// BasesOf returns the counts in the order of forecast.Assumptions and forecast.Reasons.
func BasesOf(assumptions map[forecast.Assumption]int64, unknown map[forecast.Reason]int64) (b Bases) {
	for _, a := range forecast.Assumptions() {
		if n := assumptions[a]; n > 0 {
			b.Assumptions = append(b.Assumptions, Counted{n, a.Description()})
		}
	}
	for _, why := range forecast.Reasons() {
		if n := unknown[why]; n > 0 {
			b.Unknown = append(b.Unknown, Counted{n, why.Description()})
		}
	}
	return b
}

// MadeUp says what an account that was made up means for the figures.
const MadeUp = "The prices, coupons and tax rates were made up, because no account was given: neither the amounts nor how often " +
	"they are charged are those of your account. With --sandbox-data they are."
