// Package dates reads what spreadsheets, databases and people write where Unix seconds belong, and says whether it
// has exactly one meaning.
package dates

import (
	"strconv"
	"strings"
	"time"

	"github.com/subferry/subferry/csvspec"
)

// Kind is a way of writing a moment.
type Kind uint8

// The kinds.
const (
	None       Kind = iota // not a moment in any way known here
	Unix                   // 1704067200
	Quoted                 // '1704067200, with the apostrophe that makes a spreadsheet leave it alone
	Fraction               // 1704067200.0, as pandas writes a column with blanks
	Grouped                // 1,704,067,200
	Millis                 // 1704067200000, as JavaScript and Java count
	Micros                 // 1704067200000000, as databases count
	Nanos                  // 1704067200000000000, as pandas counts
	Scientific             // 1.70407E+09, as Excel shows a number that does not fit its cell
	Zoned                  // 2024-01-01T00:00:00+01:00
	Local                  // 2024-01-01 or 2024-01-01 00:00:00: no time zone
	Ambiguous              // 01/02/2024: day first or month first
	Serial                 // 45292 or 45292.5: Excel's count of days
	Compact                // 20240101
	Disordered             // 13/02/2027 where the month has been said to come first
)

// The bounds of a plausible moment of a subscription: 1980 and 2100. Smaller numbers are days or dates, larger ones
// fractions of seconds.
const (
	Earliest csvspec.Timestamp = 315532800
	Latest   csvspec.Timestamp = 4102444800
)

// Plausible tells whether t can be meant as Unix seconds.
func Plausible(t csvspec.Timestamp) bool { return Earliest <= t && t < Latest }

// Meaning is what a text means as a moment.
type Meaning struct {
	Kind  Kind
	At    csvspec.Timestamp // with a zone missing, read in the given one or in UTC; 0 when not even that can be said
	Exact bool              // At is the only meaning
}

// Suggestion returns the Unix seconds to write instead, or "" unless there is exactly one meaning.
func (m Meaning) Suggestion() string {
	if !m.Exact {
		return ""
	}
	return strconv.FormatInt(int64(m.At), 10)
}

// Read returns the meaning of text, whose order of day and month nobody has stated. Dates without a zone are exact only
// when a zone is given; they are read in it. A local time that the zone skips or repeats is not exact.
func Read(text string, zone *time.Location) Meaning { return ReadAs(text, As{Zone: zone}) }

// ReadAs is Read for dates of which more has been stated. A date that contradicts the order is Disordered: the order
// may be wrong, and then all other dates are, too.
func ReadAs(text string, as As) Meaning {
	text = strings.TrimSpace(text)
	if inner, ok := strings.CutPrefix(text, "'"); ok {
		m := number(strings.TrimSuffix(inner, "'"))
		if m.Kind == Unix {
			m.Kind = Quoted
		}
		return m
	}
	if m := number(text); m.Kind != None {
		return m
	}
	if m := zoned(text); m.Kind != None {
		return m
	}
	if m, ok := inNumbers(text, as); ok {
		return m
	}
	for _, layout := range []string{ // without a zone
		"2006-01-02", "2006-01-02 15:04:05", "2006-01-02T15:04:05", "2006-01-02 15:04", "2006-01-02T15:04", "2006/01/02", "2006/1/2", "2006-1-2",
		"2006/01/02 15:04:05", "2006/01/02 15:04", "Jan 2, 2006", "January 2, 2006",
		"2 Jan 2006", "2 January 2006", "2-Jan-2006", "2-Jan-06", "02-Jan-2006",
	} {
		if t, err := time.Parse(layout, text); err == nil {
			return plausible(inZone(Meaning{Kind: Local, At: csvspec.At(t)}, t, as.Zone))
		}
	}
	return Meaning{}
}

func plausible(m Meaning) Meaning {
	if !Plausible(m.At) {
		return Meaning{}
	}
	return m
}
