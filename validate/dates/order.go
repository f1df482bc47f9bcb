package dates

import (
	"strings"
	"time"

	"github.com/subferry/subferry/csvspec"
)

// Order is the order of day, month and year in dates that are written in numbers.
type Order uint8

// The orders.
const (
	OrderUnstated Order = iota // nobody has said it: 01/02/2027 has two readings
	DayFirst                   // 31/12/2027
	MonthFirst                 // 12/31/2027
	YearFirst                  // 27/12/31; 2027-12-31 needs no order
)

// OrderNames returns the names of the orders that somebody can state, as ParseOrder reads them.
func OrderNames() []string { return []string{"dmy", "mdy", "ymd"} }

// ParseOrder reads dmy, mdy or ymd; ok is false for anything else.
func ParseOrder(name string) (order Order, ok bool) {
	for i, known := range OrderNames() {
		if name == known {
			return Order(i + 1), true
		}
	}
	return OrderUnstated, false
}

// String returns the order's name, or "" for OrderUnstated.
func (o Order) String() string {
	if o == OrderUnstated {
		return ""
	}
	return OrderNames()[o-1]
}

// As says how dates are meant that do not say it themselves. The zero value says nothing.
type As struct {
	Zone  *time.Location // of dates without one; nil leaves them without a meaning of their own
	Order Order          // of dates in numbers that have several readings
}

// inNumbers reads 31/12/2027, 31-12-2027, 31.12.2027 and 12/31/27. Such a date has one meaning only when one of its
// numbers cannot be a month, or when the order has been stated; points are read with the day first unless the order says
// otherwise. ok is false for a text of another form.
func inNumbers(text string, as As) (m Meaning, ok bool) {
	day, clock, ok := splitNumbers(text)
	if !ok {
		return Meaning{}, false
	}
	readings := day.readings(clock)
	t, fits := readings[as.Order]
	switch {
	case as.Order != OrderUnstated && fits:
		return plausible(inZone(Meaning{Kind: Local, At: csvspec.At(t)}, t, as.Zone)), true
	case as.Order != OrderUnstated && len(readings) > 0 && day.follows(as.Order):
		return plausible(Meaning{Kind: Disordered, At: csvspec.At(anyOf(readings))}), true
	}
	return day.unordered(readings, as.Zone), true
}

// numbers is a date in three numbers.
type numbers struct {
	parts [3]string
	sep   byte
}

// splitNumbers takes a date that does not begin with a year of four digits apart from its time of day.
func splitNumbers(text string) (day numbers, clock string, ok bool) {
	date, clock, _ := strings.Cut(strings.Replace(text, "T", " ", 1), " ")
	date = strings.TrimSuffix(date, ",") // 1/31/2027, 10:30:00 AM, as JavaScript writes it
	at := strings.IndexAny(date, "/-.")
	if at < 1 || at > 2 {
		return numbers{}, "", false
	}
	parts := strings.Split(date, date[at:at+1])
	if len(parts) != 3 || len(parts[2]) != 4 && len(parts[2]) != 2 {
		return numbers{}, "", false
	}
	for i, p := range parts {
		if p == "" || strings.Trim(p, "0123456789") != "" || i < 2 && len(p) > 2 {
			return numbers{}, "", false
		}
	}
	return numbers{[3]string(parts), date[at]}, strings.TrimSpace(clock), true
}

// follows tells whether a date of this form can be in the order at all: the year first takes two digits.
func (n numbers) follows(o Order) bool { return o != YearFirst || len(n.parts[2]) == 2 }

// readings returns what the date would be in each order in which it is one.
func (n numbers) readings(clock string) map[Order]time.Time {
	year := "2006"
	if len(n.parts[2]) == 2 {
		year = "06"
	}
	all := map[Order]time.Time{}
	for order, layout := range map[Order]string{DayFirst: "2/1/" + year, MonthFirst: "1/2/" + year, YearFirst: "06/1/2"} {
		if !n.follows(order) {
			continue
		}
		if t, ok := parseClock(layout, strings.Join(n.parts[:], "/"), clock); ok {
			all[order] = t
		}
	}
	return all
}

// parseClock reads a date and its time of day, if it has one.
func parseClock(layout, date, clock string) (time.Time, bool) {
	if clock == "" {
		t, err := time.Parse(layout, date)
		return t, err == nil
	}
	for _, form := range []string{"15:04", "15:04:05", "3:04 PM", "3:04:05 PM", "3:04PM", "3:04:05PM"} {
		if t, err := time.Parse(layout+" "+form, date+" "+strings.ToUpper(clock)); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// unordered is what the date means while nobody has said the order.
func (n numbers) unordered(readings map[Order]time.Time, zone *time.Location) Meaning {
	day, isDay := readings[DayFirst]
	month, isMonth := readings[MonthFirst]
	switch {
	case len(n.parts[2]) == 2 && isMonth, n.sep == '.' && len(n.parts[2]) == 2 && isDay:
		return plausible(Meaning{Kind: Ambiguous, At: csvspec.At(anyOf(readings))}) // the year may come first as well
	case len(n.parts[2]) == 2:
		return Meaning{}
	case n.sep == '.' && !isDay:
		return Meaning{}
	case isDay && isMonth && n.sep != '.' && !day.Equal(month):
		return plausible(Meaning{Kind: Ambiguous, At: csvspec.At(month)})
	case isDay:
		return plausible(inZone(Meaning{Kind: Local, At: csvspec.At(day)}, day, zone))
	case isMonth:
		return plausible(inZone(Meaning{Kind: Local, At: csvspec.At(month)}, month, zone))
	}
	return Meaning{}
}

// anyOf returns a reading to be shown, the one with the month first if there is one.
func anyOf(readings map[Order]time.Time) time.Time {
	for _, o := range []Order{MonthFirst, DayFirst, YearFirst} {
		if t, ok := readings[o]; ok {
			return t
		}
	}
	return time.Time{}
}
