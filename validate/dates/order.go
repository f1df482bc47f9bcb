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
// numbers cannot be a month, or when the order has been stated; points are read with the day first unless the order
// says otherwise. ok is false for a text of another form.
func inNumbers(text string, as As) (m Meaning, ok bool) {
	date, clock, _ := strings.Cut(strings.Replace(text, "T", " ", 1), " ")
	date = strings.TrimSuffix(date, ",") // 1/31/2027, 10:30:00 AM, as JavaScript writes it
	sep := strings.IndexAny(date, "/-.")
	if sep < 1 || sep > 2 {
		return Meaning{}, false // a year of four digits in front has one meaning only
	}
	parts := strings.Split(date, date[sep:sep+1])
	if len(parts) != 3 || len(parts[2]) != 4 && len(parts[2]) != 2 {
		return Meaning{}, false
	}
	for i, p := range parts {
		if p == "" || strings.Trim(p, "0123456789") != "" || i < 2 && len(p) > 2 {
			return Meaning{}, false
		}
	}
	points, shortYear := date[sep] == '.', len(parts[2]) == 2
	readings := readings(strings.Join(parts, "/"), strings.TrimSpace(clock), shortYear)
	day, isDay := readings[DayFirst]
	month, isMonth := readings[MonthFirst]
	stated, fits := readings[as.Order]
	local := func(t time.Time) Meaning { return inZone(Meaning{Kind: Local, At: csvspec.At(t)}, t, as.Zone) }
	switch {
	case as.Order != OrderUnstated && fits:
		m = local(stated)
	case as.Order != OrderUnstated && len(readings) > 0 && (as.Order != YearFirst || shortYear):
		m = Meaning{Kind: Disordered, At: csvspec.At(anyOf(readings))}
	case shortYear && isMonth, points && shortYear && isDay:
		m = Meaning{Kind: Ambiguous, At: csvspec.At(anyOf(readings))} // the year may come first as well
	case shortYear, points && !isDay:
	case isDay && isMonth && !points && !day.Equal(month):
		m = Meaning{Kind: Ambiguous, At: csvspec.At(month)}
	case isDay:
		m = local(day)
	case isMonth:
		m = local(month)
	}
	return plausible(m), true
}

// readings returns what a date in three numbers, and its time of day if it has one, would be in each order in which it
// is a date. Only a year of two digits can come first.
func readings(date, clock string, shortYear bool) map[Order]time.Time {
	layouts := map[Order]string{DayFirst: "2/1/2006", MonthFirst: "1/2/2006"}
	if shortYear {
		layouts = map[Order]string{DayFirst: "2/1/06", MonthFirst: "1/2/06", YearFirst: "06/1/2"}
	}
	all := map[Order]time.Time{}
	for order, layout := range layouts {
		if clock == "" {
			if t, err := time.Parse(layout, date); err == nil {
				all[order] = t
			}
			continue
		}
		for _, form := range []string{"15:04", "15:04:05", "3:04 PM", "3:04:05 PM", "3:04PM", "3:04:05PM"} {
			if t, err := time.Parse(layout+" "+form, date+" "+strings.ToUpper(clock)); err == nil {
				all[order] = t
				break
			}
		}
	}
	return all
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
