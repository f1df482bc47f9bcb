package period

// The arithmetic of the Gregorian calendar in whole numbers: a validation asks it of every row with a trial or an
// anchor, and package time takes ten times as long for it. See Howard Hinnant, "chrono-Compatible Low-Level Date
// Algorithms": years begin in March, so that the day that leap years add is their last, and are counted in eras of 400.

const (
	eraDays   = 146097
	eraYears  = 400
	epochDays = 719468 // from 1 March of the year 0 to 1 January 1970
)

// civil returns the date that is so many days after 1 January 1970; months and days count from 1.
func civil(days int64) (year, month, day int64) {
	days += epochDays
	era := floorDiv(days, eraDays)
	ofEra := days - era*eraDays
	yearOfEra := (ofEra - ofEra/1460 + ofEra/36524 - ofEra/146096) / 365
	ofYear := ofEra - (365*yearOfEra + yearOfEra/4 - yearOfEra/100)
	march := (5*ofYear + 2) / 153 // months after March
	year, month, day = era*eraYears+yearOfEra, march+3, ofYear-(153*march+2)/5+1
	if month > 12 {
		return year + 1, month - 12, day
	}
	return year, month, day
}

// daysBefore is the reverse of civil. Month 13 is January of the next year.
func daysBefore(year, month, day int64) int64 {
	march := month - 3
	if march < 0 {
		year, march = year-1, march+12
	}
	era := floorDiv(year, eraYears)
	yearOfEra := year - era*eraYears
	ofYear := (153*march+2)/5 + day - 1
	return era*eraDays + yearOfEra*365 + yearOfEra/4 - yearOfEra/100 + ofYear - epochDays
}

// floorDiv is a/b rounded down; b is positive.
func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
