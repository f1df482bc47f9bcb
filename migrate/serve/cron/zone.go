package cron

import (
	"fmt"
	"strings"
	"time"
)

// Zone returns the time zone with a full name of the time zone database, such as Asia/Tokyo, or UTC. Abbreviations mean
// different zones to different people and know nothing of daylight time: they are an error that says what to write.
func Zone(name string) (*time.Location, error) {
	if name == "UTC" {
		return time.UTC, nil
	}
	if !strings.Contains(name, "/") {
		return nil, fmt.Errorf("%q is no full name of a time zone: write %s", name, instead(name))
	}
	zone, err := time.LoadLocation(name)
	if err != nil || zone.String() != name {
		return nil, fmt.Errorf("there is no time zone %q: write a name of the time zone database, such as Asia/Tokyo, Europe/Berlin, America/New_York or UTC", name)
	}
	return zone, nil
}

// instead says what to write in the place of an abbreviation.
func instead(name string) string {
	switch strings.ToUpper(name) {
	case "JST", "JAPAN":
		return "Asia/Tokyo"
	case "CET", "CEST", "MET", "MEZ", "MESZ":
		return "the city, such as Europe/Berlin, Europe/Paris or Europe/Rome"
	case "EET", "EEST":
		return "the city, such as Europe/Helsinki or Europe/Athens"
	case "WET", "WEST":
		return "the city, such as Europe/Lisbon"
	case "GMT", "Z", "ZULU", "UCT", "ETC":
		return "UTC; or Europe/London for the time in Britain, which has daylight time"
	case "BST":
		return "Europe/London (or Asia/Dhaka)"
	case "EST", "EDT", "ET", "EST5EDT":
		return "the city, such as America/New_York or America/Toronto (Australia/Sydney for Australia's)"
	case "CST", "CDT", "CT", "CST6CDT":
		return "the city, such as America/Chicago or Asia/Shanghai, which are both called CST"
	case "MST", "MDT", "MT", "MST7MDT":
		return "the city, such as America/Denver, or America/Phoenix, which has no daylight time"
	case "PST", "PDT", "PT", "PST8PDT":
		return "America/Los_Angeles"
	case "IST":
		return "Asia/Kolkata, Europe/Dublin or Asia/Jerusalem, which are all called IST"
	case "AEST", "AEDT":
		return "the city, such as Australia/Sydney, or Australia/Brisbane, which has no daylight time"
	case "KST":
		return "Asia/Seoul"
	case "SGT":
		return "Asia/Singapore"
	case "NZST", "NZDT", "NZ":
		return "Pacific/Auckland"
	case "BRT":
		return "America/Sao_Paulo"
	}
	return "a continent and a city, such as Asia/Tokyo, Europe/Berlin or America/New_York; or UTC"
}
