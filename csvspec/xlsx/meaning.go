package xlsx

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/subferry/subferry/csvspec"
)

// text returns what the cell means in its column.
func (s *sheet) text(column int, held, shown string) string {
	kind := csvspec.KindText
	if column < len(s.kinds) {
		kind = s.kinds[column]
	}
	if shown != dateMark || held == dateMark {
		return number(kind, held, shown)
	}
	t, ok := s.epoch.moment(held)
	switch {
	case !ok:
		return held
	case kind == csvspec.KindTimestamp && s.dates == DatesUTC:
		if !s.noted {
			s.noted = true
			s.notes = append(s.notes, csvspec.Note{Kind: csvspec.NoteSheetDates, Line: s.row})
		}
		return strconv.FormatInt(t.Unix(), 10)
	default: // as people write it, without a time of day that is midnight
		return strings.TrimSuffix(t.Format(time.DateTime), " 00:00:00")
	}
}

// number returns the text of a cell that is not a date. Where the format wants a number, what the cell holds counts
// and not how it is shown ($21.50, 1,999); elsewhere what is shown counts (00123), unless it is shortened to 1.7E+09.
func number(kind csvspec.Kind, held, shown string) string {
	wanted := kind == csvspec.KindInt || kind == csvspec.KindAmount || kind == csvspec.KindTimestamp
	if held == shown {
		return shown
	}
	_, err := strconv.ParseFloat(shown, 64)
	powers := err == nil && strings.ContainsAny(shown, "eE")
	if hashes := strings.HasPrefix(shown, "##"); wanted || powers || hashes { // hashes are shown when a column is narrow
		if text, ok := decimal(held); ok {
			return text
		}
	}
	return shown
}

// decimal writes the number that a cell holds without powers of ten. A workbook holds binary fractions and means
// decimal ones: like the spreadsheet itself, it counts 15 digits.
func decimal(held string) (string, bool) {
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
