package validate

import (
	"time"

	"github.com/subferry/subferry/csvspec"
)

// startTimes is at which times of day the rows of a file start.
type startTimes struct {
	rows     int
	midnight int                 // at 00:00 UTC
	quarters int                 // at a full quarter of an hour, midnight UTC excepted
	sample   []csvspec.Timestamp // some of those, each once: rows that renew together share one start and make no pattern
}

const (
	startSample = 256 // how many starts are looked at closely
	startLeast  = 3   // different starts that count as a pattern
	startShare  = 95  // percent of them that must agree
)

// see takes a start in.
func (k *startTimes) see(start csvspec.Timestamp) {
	k.rows++
	switch second := start % 86400; {
	case second == 0:
		k.midnight++
	case second%900 == 0:
		k.quarters++
		k.keep(start)
	}
}

// keep adds a start to the sample, where each has one place that it can have: the first one to take it stays. So the
// sample is the same however the file is divided.
func (k *startTimes) keep(start csvspec.Timestamp) {
	if k.sample == nil {
		k.sample = make([]csvspec.Timestamp, startSample)
	}
	if place := &k.sample[uint64(start/900)*0x9e3779b97f4a7c15>>56]; *place == 0 {
		*place = start
	}
}

// merge takes in what a later part of the file has.
func (k *startTimes) merge(o startTimes) {
	k.rows += o.rows
	k.midnight += o.midnight
	k.quarters += o.quarters
	for _, start := range o.sample {
		if start != 0 {
			k.keep(start)
		}
	}
}

// midnightZones returns the zones in which nearly all starts fall on midnight, and what share that is in percent.
func (k *startTimes) midnightZones() (zones []string, share int) {
	var starts []csvspec.Timestamp
	for _, start := range k.sample {
		if start != 0 {
			starts = append(starts, start)
		}
	}
	if len(starts) < startLeast || k.midnight > 0 || k.quarters*100 < k.rows*startShare {
		return nil, 0
	}
	for _, name := range commonZones() {
		zone, err := time.LoadLocation(name)
		if err != nil {
			continue // this machine does not know the zone
		}
		hits := 0
		for _, t := range starts {
			if h, m, s := time.Unix(int64(t), 0).In(zone).Clock(); h == 0 && m == 0 && s == 0 {
				hits++
			}
		}
		switch s := hits * 100 / len(starts); {
		case s > share && s >= startShare:
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
