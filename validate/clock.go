package validate

import (
	"time"

	"github.com/subferry/subferry/csvspec"
)

// clock is at which times of day the rows of a file start.
type clock struct {
	rows     int
	midnight int                 // at 00:00 UTC
	quarters int                 // at a full quarter of an hour, midnight UTC excepted
	sample   []csvspec.Timestamp // some of those
}

const (
	clockSample = 256 // how many starts are looked at closely
	clockLeast  = 3   // starts that make a habit
	clockShare  = 95  // percent of them that must agree
)

// see takes a start in.
func (k *clock) see(start csvspec.Timestamp) {
	k.rows++
	switch second := start % 86400; {
	case second == 0:
		k.midnight++
	case second%900 == 0:
		k.quarters++
		if len(k.sample) < clockSample {
			k.sample = append(k.sample, start)
		}
	}
}

// merge takes in what a later part of the file has.
func (k *clock) merge(o clock) {
	k.rows += o.rows
	k.midnight += o.midnight
	k.quarters += o.quarters
	k.sample = append(k.sample, o.sample[:min(len(o.sample), clockSample-len(k.sample))]...)
}

// midnightZones returns the zones in which nearly all starts fall on midnight, and what share that is in percent.
func (k *clock) midnightZones() (zones []string, share int) {
	if k.rows < clockLeast || k.midnight > 0 || k.quarters*100 < k.rows*clockShare {
		return nil, 0
	}
	for _, name := range commonZones() {
		zone, err := time.LoadLocation(name)
		if err != nil {
			continue // this machine does not know the zone
		}
		hits := 0
		for _, t := range k.sample {
			if h, m, s := time.Unix(int64(t), 0).In(zone).Clock(); h == 0 && m == 0 && s == 0 {
				hits++
			}
		}
		switch s := hits * 100 / len(k.sample); {
		case s > share && s >= clockShare:
			zones, share = []string{name}, s
		case s == share && s > 0 && len(zones) < 3:
			zones = append(zones, name)
		}
	}
	return zones, share * k.quarters / k.rows
}

// commonZones are one zone for each clock that many companies live by, so that at most a few fit a file.
func commonZones() []string {
	return []string{
		"Europe/Berlin", "Europe/London", "Europe/Helsinki", "Europe/Istanbul", "America/New_York", "America/Chicago",
		"America/Denver", "America/Phoenix", "America/Los_Angeles", "America/Halifax", "America/Sao_Paulo", "America/Bogota",
		"America/Mexico_City", "Asia/Dubai", "Asia/Kolkata", "Asia/Bangkok", "Asia/Singapore", "Asia/Tokyo",
		"Australia/Brisbane", "Australia/Sydney", "Australia/Adelaide", "Pacific/Auckland", "Pacific/Honolulu",
		"Asia/Jerusalem", "Africa/Johannesburg", "Africa/Lagos",
	}
}
