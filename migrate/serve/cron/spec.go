package cron

import (
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// Spec says when something is due: whenever a clock on the wall in a time zone shows what five fields say.
//
// Around a change of daylight time, a time of day that does not exist is due at the moment of the change, and one that exists
// twice is due the first time, so that what is daily happens once each day. A Spec whose hour is * is due whenever a clock
// shows its minute: in both of the hours that look the same, and not in the one that is left out.
type Spec struct {
	text   string
	zone   *time.Location
	fields *cron.SpecSchedule
}

// grammar is what an expression may be.
const grammar = "expected five fields (minute 0-59, hour 0-23, day of the month 1-31, month 1-12 or JAN-DEC, day of the week 0-6 or SUN-SAT, " +
	"each * or a list of numbers, ranges and steps, as in 10 0 * * *), or @hourly, @daily, @weekly, @monthly, @yearly"

// star is the bit of a field that is *.
const star = 1 << 63

// horizon is how many years ahead a moment is looked for: 29 February is missing from 2097 to 2103.
const horizon = 9

// Parse reads an expression and the name of a time zone. Its errors say what was found and what was expected.
func Parse(expression, zone string) (Spec, error) {
	words := strings.Fields(expression)
	s := Spec{text: strings.Join(words, " ")}
	var err error
	if s.zone, err = Zone(zone); err != nil {
		return Spec{}, err
	}
	wrong := func(why string) (Spec, error) {
		return Spec{}, fmt.Errorf("the expression %q is not understood: %s; %s", expression, why, grammar)
	}
	switch {
	case len(words) == 0:
		return wrong("it is empty")
	case strings.Contains(words[0], "="):
		return wrong("the time zone is no part of it (--timezone)")
	case words[0] == "@every":
		return wrong("@every has no moments of the day (write */15 * * * * for every quarter of an hour)")
	}
	parsed, err := cron.ParseStandard(s.text)
	if err != nil {
		return wrong(err.Error())
	}
	fields, ok := parsed.(*cron.SpecSchedule)
	if !ok {
		return wrong("it has no moments of the day")
	}
	for _, one := range []uint64{fields.Minute, fields.Hour, fields.Dom, fields.Month, fields.Dow} {
		if one == 0 { // a field of nothing but commas
			return wrong("a field is empty")
		}
	}
	s.fields = fields
	if s.Next(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return wrong("no year has such a day")
	}
	return s, nil
}

// String returns the expression.
func (s Spec) String() string { return s.text }

// Zone returns the time zone.
func (s Spec) Zone() *time.Location { return s.zone }

// Next returns the first moment after another.
func (s Spec) Next(after time.Time) time.Time {
	for moment := range s.Between(after, after.AddDate(horizon, 0, 0)) {
		return moment
	}
	return time.Time{}
}

// Between returns the moments after one and up to another, in their order, each once.
func (s Spec) Between(after, until time.Time) iter.Seq[time.Time] {
	return func(yield func(time.Time) bool) {
		local := after.In(s.zone)
		day := time.Date(local.Year(), local.Month(), local.Day()-1, 0, 0, 0, 0, time.UTC)
		last := after
		var waiting []time.Time
		for ; ; day = day.AddDate(0, 0, 1) {
			if s.dayFits(day) {
				waiting = append(waiting, s.ofDay(day)...)
				slices.SortFunc(waiting, time.Time.Compare)
			}
			// What belongs to later days comes after this day's noon. Before it, a clock that is put back across midnight may
			// show the end of one day after the beginning of the next.
			noon := time.Date(day.Year(), day.Month(), day.Day(), 12, 0, 0, 0, s.zone)
			for len(waiting) > 0 && !waiting[0].After(noon) {
				moment := waiting[0]
				waiting = waiting[1:]
				if moment.After(until) {
					return
				}
				if moment.After(last) {
					if last = moment; !yield(moment) {
						return
					}
				}
			}
			if noon.After(until) {
				return
			}
		}
	}
}

// dayFits tells whether a day of the calendar is one of the expression. Where it names days of the month and of the week,
// either suffices, as everywhere.
func (s Spec) dayFits(day time.Time) bool {
	f := s.fields
	month, week := f.Dom&(1<<day.Day()) != 0, f.Dow&(1<<day.Weekday()) != 0
	if f.Month&(1<<day.Month()) == 0 {
		return false
	}
	if f.Dom&star != 0 || f.Dow&star != 0 {
		return month && week
	}
	return month || week
}

// ofDay returns the moments of one day of the calendar.
func (s Spec) ofDay(day time.Time) (moments []time.Time) {
	for hour := range 24 {
		for minute := range 60 {
			if s.fields.Hour&(1<<hour) == 0 || s.fields.Minute&(1<<minute) == 0 {
				continue
			}
			shown := day.Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute)
			real, change := s.showing(shown)
			switch everyHour := s.fields.Hour&star != 0; {
			case everyHour:
				moments = append(moments, real...)
			case len(real) > 0:
				moments = append(moments, real[0])
			default:
				moments = append(moments, change)
			}
		}
	}
	return moments
}

// showing returns the moments at which a clock in the zone shows a time of day, which is written as one of UTC: one, two when
// the clock is put back, or none when it is put forward; then it returns the moment of that change.
func (s Spec) showing(shown time.Time) (real []time.Time, change time.Time) {
	guess := time.Date(shown.Year(), shown.Month(), shown.Day(), shown.Hour(), shown.Minute(), 0, 0, s.zone)
	start, end := guess.ZoneBounds()
	offsets := []int{offset(guess)}
	for _, border := range []time.Time{start, end} {
		if !border.IsZero() {
			offsets = append(offsets, offset(border.Add(-1)), offset(border))
		}
	}
	for _, seconds := range offsets {
		moment := shown.Add(-time.Duration(seconds) * time.Second).In(s.zone)
		if offset(moment) == seconds && !slices.ContainsFunc(real, moment.Equal) {
			real = append(real, moment)
		}
	}
	slices.SortFunc(real, time.Time.Compare)
	for _, border := range []time.Time{start, end} {
		if len(real) > 0 || border.IsZero() {
			continue
		}
		before, after := time.Duration(offset(border.Add(-1)))*time.Second, time.Duration(offset(border))*time.Second
		if !shown.Add(-before).Before(border) && shown.Add(-after).Before(border) {
			return nil, border
		}
	}
	return real, change
}

// offset returns how many seconds a clock is ahead of UTC.
func offset(t time.Time) int {
	_, seconds := t.Zone()
	return seconds
}
