package dates

import (
	"strings"
	"time"

	"github.com/subferry/subferry/csvspec"
)

// zoned reads dates that carry their zone as an offset or as Z; what JavaScript makes of a date, with its zone in words
// behind it; and the dates of HTTP and of mail. A date on another weekday than it says means nothing.
func zoned(text string) Meaning {
	day, _, _ := strings.Cut(text, " (")
	for _, layout := range []string{"Mon Jan 02 2006 15:04:05 GMT-0700", "Mon, 02 Jan 2006 15:04:05 GMT", time.RFC1123Z} {
		if t, err := time.Parse(layout, day); err == nil && t.Format(layout) == day {
			return plausible(Meaning{Zoned, csvspec.At(t), true})
		}
	}
	for _, word := range []string{" UTC", " GMT"} {
		if plain, ok := strings.CutSuffix(text, word); ok {
			text = plain + "Z"
			break
		}
	}
	text = strings.Replace(text, "+00:00:00", "+00:00", 1)
	for _, layout := range []string{
		"2006-01-02T15:04:05Z07:00", "2006-01-02 15:04:05Z07:00", "2006-01-02T15:04:05Z0700", "2006-01-02 15:04:05Z0700",
		"2006-01-02 15:04:05-07", "2006-01-02 15:04:05 Z0700", "2006-01-02 15:04:05 Z07:00", "2006-01-02T15:04Z07:00",
		"2006-01-02 15:04Z07:00",
	} {
		if t, err := time.Parse(layout, text); err == nil {
			return plausible(Meaning{Zoned, csvspec.At(t), t.Nanosecond() == 0})
		}
	}
	return Meaning{}
}

// inZone reads the wall clock of t in the zone.
func inZone(m Meaning, t time.Time, zone *time.Location) Meaning {
	if zone == nil {
		return m
	}
	at := time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, zone)
	m.At = csvspec.At(at)
	m.Exact = t.Nanosecond() == 0 && sameClock(at, t) && !repeated(at)
	return m
}

func sameClock(a, b time.Time) bool {
	return a.Format(time.DateTime) == b.Format(time.DateTime)
}

// repeated tells whether the clock shows the same time twice around at, when summer time ends.
func repeated(at time.Time) bool {
	for _, d := range []time.Duration{30 * time.Minute, time.Hour, 2 * time.Hour} {
		if sameClock(at.Add(d), at) || sameClock(at.Add(-d), at) {
			return true
		}
	}
	return false
}
