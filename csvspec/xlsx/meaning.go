package xlsx

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/subferry/subferry/csvspec"
)

// epoch is where a workbook begins to count days.
type epoch struct{ since1904 bool }

func epochOf(f *excelize.File) epoch {
	props, err := f.GetWorkbookProps()
	return epoch{since1904: err == nil && props.Date1904 != nil && *props.Date1904}
}

// Days that a workbook's date of a subscription can hold: 1954 to 2201 when counted from 1900. Smaller numbers are
// numbers.
const (
	firstDay = 20_000
	lastDay  = 110_000
)

// moment reads a cell that holds a date, and returns its wall time in UTC as Unix seconds. Whether a number is a date
// depends on how it is shown: all numbers that it shows are parts of that date.
func (e epoch) moment(held, shown string) (string, bool) {
	serial, err := strconv.ParseFloat(held, 64)
	if err != nil || held == shown || serial < firstDay || serial > lastDay {
		return "", false
	}
	t, err := excelize.ExcelDateToTime(serial, e.since1904)
	if err != nil || !shows(shown, t) {
		return "", false
	}
	return strconv.FormatInt(t.Round(time.Second).Unix(), 10), true
}

// numbers are the groups of digits of a text.
func numbers(text string) []string { return regexp.MustCompile(`[0-9]+`).FindAllString(text, -1) }

// shows tells whether text is t in some notation.
func shows(text string, t time.Time) bool {
	t = t.Round(time.Second)
	parts := []int{t.Year(), t.Year() % 100, int(t.Month()), t.Day(), t.Hour(), (t.Hour()+11)%12 + 1, t.Minute(), t.Second()}
	groups := numbers(text)
	for _, group := range groups {
		n, err := strconv.Atoi(group)
		if err != nil || !contains(parts, n) {
			return false
		}
	}
	return len(groups) > 0
}

func contains(all []int, n int) bool {
	for _, v := range all {
		if v == n {
			return true
		}
	}
	return false
}

// number returns the text of a cell that is not a date. Where the format wants a number, what the cell holds counts
// and not how it is shown ($21.50, 1,999); elsewhere what is shown counts (00123), unless it is shortened to 1.7E+09.
func number(kind csvspec.Kind, held, shown string) string {
	wanted := kind == csvspec.KindInt || kind == csvspec.KindAmount || kind == csvspec.KindTimestamp
	if held == shown || !wanted && !shortened(shown) {
		return shown
	}
	if text, ok := plain(held); ok {
		return text
	}
	return shown
}

// shortened tells whether a number is shown in powers of ten, or not at all because its column is narrow.
func shortened(shown string) bool {
	_, err := strconv.ParseFloat(shown, 64)
	return err == nil && strings.ContainsAny(shown, "eE") || strings.HasPrefix(shown, "##")
}

// plain writes the number that a cell holds without powers of ten. A workbook holds binary fractions and means
// decimal ones: like the spreadsheet itself, it counts 15 digits.
func plain(held string) (string, bool) {
	n, err := strconv.ParseFloat(held, 64)
	if err != nil || math.IsInf(n, 0) || math.IsNaN(n) {
		return "", false
	}
	meant, err := strconv.ParseFloat(strconv.FormatFloat(n, 'g', 15, 64), 64)
	if err != nil {
		return "", false
	}
	return strconv.FormatFloat(meant, 'f', -1, 64), true
}
