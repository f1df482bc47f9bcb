package export

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Span is a half-open range of time in Unix seconds. From 0 has no beginning.
type Span struct {
	From  int64 `json:"from"`
	Until int64 `json:"until"`
}

func (s Span) holds(at int64) bool { return at >= s.From && at < s.Until }

// Formula says how the two ends of the time range are compared with an object's time of creation.
type Formula struct{ Since, Until string }

// DefaultFormula takes the beginning and leaves out the end.
func DefaultFormula() Formula { return Formula{"gte", "lt"} }

// ParseFormula reads gt or gte for the beginning, lt or lte for the end, or both with a comma between them.
func ParseFormula(text string) (Formula, error) {
	f, seen := DefaultFormula(), map[string]bool{}
	for word := range strings.SplitSeq(text, ",") {
		word = strings.ToLower(strings.TrimSpace(word))
		end := strings.TrimSuffix(word, "e")
		if end != "gt" && end != "lt" || seen[end] {
			return f, fmt.Errorf("%q: expected gt or gte for the beginning, lt or lte for the end, or both as gte,lt", text)
		}
		seen[end] = true
		if end == "gt" {
			f.Since = word
		} else {
			f.Until = word
		}
	}
	return f, nil
}

// String returns what ParseFormula reads.
func (f Formula) String() string { return f.Since + "," + f.Until }

// Span returns the seconds that the formula takes between two moments; a zero since has no beginning.
func (f Formula) Span(since, until time.Time) Span {
	s := Span{Until: until.Unix()}
	if !since.IsZero() {
		s.From = since.Unix()
		if f.Since == "gt" {
			s.From++
		}
	}
	if f.Until == "lte" {
		s.Until++
	}
	return s
}

// Split is a length of time into which a range is cut; the zero Split is none.
type Split struct {
	N    int
	Unit string // day, week, month or year
}

// ParseSplit reads 6month, 1week, day, 2 years.
func ParseSplit(text string) (Split, error) {
	rest := strings.TrimLeft(text, "0123456789")
	unit := strings.TrimSuffix(strings.ToLower(strings.TrimSpace(rest)), "s")
	n, err := strconv.Atoi(text[:len(text)-len(rest)])
	if rest == text {
		n, err = 1, nil
	}
	if err != nil || n < 1 || n > 10_000 || unit != "day" && unit != "week" && unit != "month" && unit != "year" {
		return Split{}, fmt.Errorf("%q: expected a number and day, week, month or year, such as 6month or 1week", text)
	}
	return Split{n, unit}, nil
}

// String returns what ParseSplit reads, "" for none.
func (s Split) String() string {
	if s.N == 0 {
		return ""
	}
	return strconv.Itoa(s.N) + s.Unit
}

// border returns the period's first natural border after a moment, in UTC: midnight, Monday, the first of a month (of a
// half year for 6 months, and so on where the months divide a year), New Year.
func (s Split) border(t time.Time) time.Time {
	day := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
	switch s.Unit {
	case "day":
		return day.AddDate(0, 0, 1)
	case "week":
		return day.AddDate(0, 0, 7-(int(t.Weekday())+6)%7)
	case "year":
		return time.Date(t.Year()+1, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	step := 1
	if 12%s.N == 0 {
		step = s.N
	}
	month := (int(t.Month()) - 1) / step * step
	return time.Date(t.Year(), time.Month(month+step+1), 1, 0, 0, 0, 0, time.UTC)
}

// after returns the border that follows a border.
func (s Split) after(t time.Time) time.Time {
	switch s.Unit {
	case "day":
		return t.AddDate(0, 0, s.N)
	case "week":
		return t.AddDate(0, 0, 7*s.N)
	case "month":
		return t.AddDate(0, s.N, 0)
	}
	return t.AddDate(s.N, 0, 0)
}

// cut cuts a span at the borders, oldest first. A span without a beginning is cut from floor on; its first range has
// none.
func (s Split) cut(span Span, floor int64) []Span {
	if s.N == 0 {
		return []Span{span}
	}
	from, all := span.From, []Span(nil)
	if from == 0 {
		from = floor
	}
	for at := s.border(time.Unix(from, 0).UTC()); at.Unix() < span.Until; at = s.after(at) {
		all = append(all, Span{span.From, at.Unix()})
		span.From = at.Unix()
	}
	return append(all, span)
}
