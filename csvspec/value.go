package csvspec

import (
	"strconv"
	"time"
)

// Int is a whole number that may be blank. The zero value is blank, so that a quantity of 0 that somebody wrote
// is not mistaken for a quantity that nobody wrote.
type Int struct {
	N   int64
	Set bool
}

// Of returns n as a number that is not blank.
func Of(n int64) Int { return Int{N: n, Set: true} }

// Or returns the number, or def when it is blank.
func (i Int) Or(def int64) int64 {
	if i.Set {
		return i.N
	}
	return def
}

// String returns the number in decimal, or "" when it is blank.
func (i Int) String() string {
	if !i.Set {
		return ""
	}
	return strconv.FormatInt(i.N, 10)
}

// Timestamp is a moment in Unix seconds; 0 is blank. All dates of the toolkit's format are of this kind.
type Timestamp int64

// At returns t as a Timestamp, cut to the second; the zero time is blank.
func At(t time.Time) Timestamp {
	if t.IsZero() {
		return 0
	}
	return Timestamp(t.Unix())
}

// IsBlank tells whether no moment is stated.
func (t Timestamp) IsBlank() bool { return t == 0 }

// Time returns the moment in UTC; blank is the zero time.
func (t Timestamp) Time() time.Time {
	if t == 0 {
		return time.Time{}
	}
	return time.Unix(int64(t), 0).UTC()
}

// String returns the moment as people write it in a log (2026-01-31T00:00:00Z), or "" when it is blank.
func (t Timestamp) String() string {
	if t == 0 {
		return ""
	}
	return t.Time().Format(time.RFC3339)
}

// Bool is a yes-or-no cell; a blank cell means no.
type Bool bool
