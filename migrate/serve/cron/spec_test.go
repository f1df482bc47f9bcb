package cron_test

import (
	"fmt"
	"testing"
	"time"
	_ "time/tzdata"

	robfig "github.com/robfig/cron/v3"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/subferry/subferry/migrate/serve/cron"
)

func parse(t require.TestingT, expression, zone string) cron.Spec {
	s, err := cron.Parse(expression, zone)
	require.NoError(t, err)
	return s
}

// next lists moments after another, in UTC.
func next(s cron.Spec, after string, n int) (all []string) {
	at, err := time.Parse(time.RFC3339, after)
	if err != nil {
		panic(err)
	}
	for range n {
		at = s.Next(at)
		all = append(all, at.UTC().Format("2006-01-02T15:04Z"))
	}
	return all
}

func TestNext(t *testing.T) {
	for name, c := range map[string]struct {
		expression, zone, after string
		want                    []string
	}{
		"daily in Tokyo":           {"10 0 * * *", "Asia/Tokyo", "2026-11-27T00:00:00Z", []string{"2026-11-27T15:10Z", "2026-11-28T15:10Z"}},
		"strictly after":           {"10 0 * * *", "Asia/Tokyo", "2026-11-27T15:10:00Z", []string{"2026-11-28T15:10Z"}},
		"hourly":                   {"@hourly", "UTC", "2026-11-27T00:00:00Z", []string{"2026-11-27T01:00Z", "2026-11-27T02:00Z"}},
		"hourly, half an hour off": {"@hourly", "Asia/Kolkata", "2026-11-27T00:00:00Z", []string{"2026-11-27T00:30Z", "2026-11-27T01:30Z"}},
		"@daily":                   {"@daily", "UTC", "2026-12-31T12:00:00Z", []string{"2027-01-01T00:00Z", "2027-01-02T00:00Z"}},
		"@weekly is Sunday":        {"@weekly", "UTC", "2026-11-27T00:00:00Z", []string{"2026-11-29T00:00Z"}},
		"@monthly":                 {"@monthly", "America/New_York", "2026-11-27T00:00:00Z", []string{"2026-12-01T05:00Z", "2027-01-01T05:00Z"}},
		"@yearly":                  {"@yearly", "UTC", "2026-11-27T00:00:00Z", []string{"2027-01-01T00:00Z"}},
		"the 31st":                 {"0 0 31 * *", "UTC", "2026-11-27T00:00:00Z", []string{"2026-12-31T00:00Z", "2027-01-31T00:00Z", "2027-03-31T00:00Z"}},
		"29 February over 2100":    {"0 0 29 2 *", "UTC", "2096-03-01T00:00:00Z", []string{"2104-02-29T00:00Z"}},
		"either day":               {"0 0 1 * MON", "UTC", "2026-11-27T00:00:00Z", []string{"2026-11-30T00:00Z", "2026-12-01T00:00Z", "2026-12-07T00:00Z"}},
		"working days":             {"30 9 * * MON-FRI", "UTC", "2026-11-27T10:00:00Z", []string{"2026-11-30T09:30Z"}},
		"quarters":                 {"*/15 8-9 * * *", "UTC", "2026-11-27T09:29:00Z", []string{"2026-11-27T09:30Z", "2026-11-27T09:45Z", "2026-11-28T08:00Z"}},

		// Berlin: 2026-03-29 02:00 becomes 03:00 (01:00 UTC); 2026-10-25 03:00 becomes 02:00 (01:00 UTC).
		"Berlin, left out":             {"30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", []string{"2026-03-29T01:00Z", "2026-03-30T00:30Z"}},
		"Berlin, two left out are one": {"0,30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", []string{"2026-03-29T01:00Z", "2026-03-30T00:00Z"}},
		"Berlin, left out and next":    {"30 2,3 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", []string{"2026-03-29T01:00Z", "2026-03-29T01:30Z", "2026-03-30T00:30Z"}},
		"Berlin, twice":                {"30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", []string{"2026-10-25T00:30Z", "2026-10-26T01:30Z"}},
		"Berlin, between the two":      {"30 2 * * *", "Europe/Berlin", "2026-10-25T00:45:00Z", []string{"2026-10-26T01:30Z"}},
		"Berlin, hours in spring":      {"30 * * * *", "Europe/Berlin", "2026-03-29T00:00:00Z", []string{"2026-03-29T00:30Z", "2026-03-29T01:30Z"}},
		"Berlin, hours in autumn":      {"30 * * * *", "Europe/Berlin", "2026-10-24T23:45:00Z", []string{"2026-10-25T00:30Z", "2026-10-25T01:30Z", "2026-10-25T02:30Z"}},
		// New York: 2026-03-08 02:00 becomes 03:00 (07:00 UTC); 2026-11-01 02:00 becomes 01:00 (06:00 UTC).
		"New York, left out": {"15 2 * * *", "America/New_York", "2026-03-08T00:00:00Z", []string{"2026-03-08T07:00Z", "2026-03-09T06:15Z"}},
		"New York, twice":    {"15 1 * * *", "America/New_York", "2026-11-01T00:00:00Z", []string{"2026-11-01T05:15Z", "2026-11-02T06:15Z"}},
		"New York, steps":    {"0 */2 * * *", "America/New_York", "2026-03-08T05:30:00Z", []string{"2026-03-08T07:00Z", "2026-03-08T08:00Z"}},
		// Lord Howe moves by half an hour: 2026-04-05 02:00 becomes 01:30 (15:00 UTC); 2026-10-04 02:00 becomes 02:30 (15:30 UTC).
		"Lord Howe, left out":        {"15 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00:00Z", []string{"2026-10-03T15:30Z", "2026-10-04T15:15Z"}},
		"Lord Howe, at its end":      {"30 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00:00Z", []string{"2026-10-03T15:30Z", "2026-10-04T15:30Z"}},
		"Lord Howe, twice":           {"45 1 * * *", "Australia/Lord_Howe", "2026-04-04T00:00:00Z", []string{"2026-04-04T14:45Z", "2026-04-05T15:15Z"}},
		"Lord Howe, hours in autumn": {"45 * * * *", "Australia/Lord_Howe", "2026-04-04T14:00:00Z", []string{"2026-04-04T14:45Z", "2026-04-04T15:15Z", "2026-04-04T16:15Z"}},
		// Cairo goes from 00:00 to 01:00: that day has no midnight. Apia had no 30 December 2011 at all.
		"no midnight": {"@daily", "Africa/Cairo", "2026-04-23T00:00:00Z", []string{"2026-04-23T22:00Z", "2026-04-24T21:00Z"}},
		"no such day": {"@daily", "Pacific/Apia", "2011-12-29T00:00:00Z", []string{"2011-12-29T10:00Z", "2011-12-30T10:00Z", "2011-12-31T10:00Z"}},
		// St John's went back at 00:01, so that the end of a day came again after its successor had begun.
		"back across midnight": {"30 * * * *", "America/St_Johns", "2010-11-07T01:30:00Z", []string{"2010-11-07T02:00Z", "2010-11-07T03:00Z", "2010-11-07T04:00Z"}},
		"no change at all":     {"30 2 * * *", "Asia/Tokyo", "2026-03-28T12:00:00Z", []string{"2026-03-28T17:30Z", "2026-03-29T17:30Z"}},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.want, next(parse(t, c.expression, c.zone), c.after, len(c.want)))
		})
	}
}

// TestParsersOwnMoments shows why the moments are ours: those of the parser leave out the day on which 02:30 does not exist.
func TestParsersOwnMoments(t *testing.T) {
	theirs, err := robfig.ParseStandard("CRON_TZ=Europe/Berlin 30 2 * * *")
	require.NoError(t, err)
	after := time.Date(2026, 3, 28, 12, 0, 0, 0, time.UTC)
	require.Equal(t, "2026-03-30T00:30:00Z", theirs.Next(after).UTC().Format(time.RFC3339))
	require.Equal(t, "2026-03-29T01:00:00Z", parse(t, "30 2 * * *", "Europe/Berlin").Next(after).UTC().Format(time.RFC3339))
}

// slow finds the moments by looking at a clock each minute.
func slow(zone *time.Location, everyHour bool, due func(shown time.Time) bool, from, until time.Time) (all []string) {
	var highest time.Time // that the clock has shown so far
	for at := from.Add(-48 * time.Hour); !at.After(until); at = at.Add(time.Minute) {
		l := at.In(zone)
		shown := time.Date(l.Year(), l.Month(), l.Day(), l.Hour(), l.Minute(), 0, 0, time.UTC)
		is := everyHour && due(shown)
		if !everyHour && !highest.IsZero() {
			for m := highest.Add(time.Minute); !m.After(shown); m = m.Add(time.Minute) {
				is = is || due(m)
			}
		}
		if shown.After(highest) {
			highest = shown
		}
		if is && at.After(from) {
			all = append(all, at.UTC().Format(time.RFC3339))
		}
	}
	return all
}

// TestMomentsAreThoseOfAClock: whatever the zone and the change, looking at a clock each minute finds the same.
func TestMomentsAreThoseOfAClock(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		zone := rapid.SampledFrom([]string{"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "America/St_Johns", "Asia/Kolkata",
			"America/Santiago", "Pacific/Apia", "Africa/Casablanca", "UTC", "Antarctica/Troll", "America/Havana"}).Draw(t, "zone")
		hours := rapid.SampledFrom([]string{"*", "0", "1", "2", "3", "0-3", "*/2", "23", "1,2,23"}).Draw(t, "hours")
		minutes := rapid.SampledFrom([]string{"0", "30", "15,45", "1", "59", "*/20"}).Draw(t, "minutes")
		location, err := time.LoadLocation(zone)
		require.NoError(t, err)
		around := time.Date(rapid.IntRange(2006, 2030).Draw(t, "year"), 1, 1, 0, 0, 0, 0, time.UTC)
		if _, end := around.AddDate(0, 0, rapid.IntRange(0, 360).Draw(t, "day")).In(location).ZoneBounds(); !end.IsZero() {
			around = end
		}
		from, until := around.Add(-30*time.Hour).Truncate(time.Minute), around.Add(30*time.Hour).Truncate(time.Minute)
		theirs, err := robfig.ParseStandard(minutes + " " + hours + " * * *")
		require.NoError(t, err)
		fields := theirs.(*robfig.SpecSchedule)
		due := func(shown time.Time) bool {
			return fields.Hour&(1<<shown.Hour()) != 0 && fields.Minute&(1<<shown.Minute()) != 0
		}
		var got []string
		for at := range parse(t, minutes+" "+hours+" * * *", zone).Between(from, until) {
			got = append(got, at.UTC().Format(time.RFC3339))
		}
		require.Equal(t, slow(location, hours == "*", due, from, until), got)
	})
}

func TestRefusedExpressions(t *testing.T) {
	for expression, why := range map[string]string{
		"":                 "it is empty",
		"* * * *":          "expected exactly 5 fields, found 4",
		"* * * * * *":      "expected exactly 5 fields, found 6",
		"60 * * * *":       "end of range (60) above maximum (59)",
		"0 24 * * *":       "end of range (24) above maximum (23)",
		"0 0 0 * *":        "below minimum (1)",
		"0 0 * * 7":        "end of range (7) above maximum (6)",
		"0 0 30 2 *":       "no year has such a day",
		"@every 5m":        "write */15 * * * *",
		"@reboot":          "unrecognized descriptor",
		"TZ=Asia/Tokyo":    "--timezone",
		"TZ=UTC * * * * *": "--timezone",
		", * * * *":        "a field is empty",
		"*/0 * * * *":      "step of range should be a positive number",
		"5-1 * * * *":      "beyond end of range",
		"-5 * * * *":       "failed to parse",
	} {
		_, err := cron.Parse(expression, "UTC")
		require.ErrorContains(t, err, why, expression)
		require.ErrorContains(t, err, "expected five fields (minute 0-59", expression)
		require.ErrorContains(t, err, fmt.Sprintf("%q", expression))
	}
}

func TestZones(t *testing.T) {
	for _, name := range []string{"UTC", "Asia/Tokyo", "America/Argentina/Buenos_Aires", "Etc/GMT+5"} {
		zone, err := cron.Zone(name)
		require.NoError(t, err)
		require.Equal(t, name, zone.String())
	}
	for name, say := range map[string]string{
		"JST": "write Asia/Tokyo", "EST": "America/New_York", "EST5EDT": "America/New_York", "CST": "Asia/Shanghai", "IST": "Europe/Dublin", "CET": "Europe/Berlin",
		"PDT": "America/Los_Angeles", "GMT": "write UTC", "": "a continent and a city", "Local": "a continent and a city", "+09:00": "a continent and a city",
		"Japan": "Asia/Tokyo", "utc": "or UTC", "Asia/Nowhere": "there is no time zone", "../etc/passwd": "there is no time zone", "/etc/localtime": "there is no time zone",
	} {
		_, err := cron.Parse("@daily", name)
		require.ErrorContains(t, err, say, name)
	}
}

func FuzzParse(f *testing.F) {
	for _, expression := range []string{"10 0 * * *", "@daily", "*/5 1-3,7 1 JAN SUN", "TZ=", "@every 1h", "* * 31 2 *", "0-59/9999999999999 * * * *", "????", "1-2-3 * * * *"} {
		f.Add(expression)
	}
	after := time.Date(2026, 3, 29, 0, 30, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, expression string) {
		s, err := cron.Parse(expression, "Europe/Berlin")
		if err != nil {
			return
		}
		first := s.Next(after)
		require.True(t, first.After(after), "%q: %s", expression, first)
		require.True(t, s.Next(first).After(first))
	})
}
