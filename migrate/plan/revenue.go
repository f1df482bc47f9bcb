package plan

import (
	"cmp"
	"maps"
	"slices"

	"github.com/subferry/subferry/migrate/forecast"
	"github.com/subferry/subferry/validate/period"
)

// monthly normalises what recurs at each interval; ok is false when a sum does not fit.
func (v *revenue) monthly() (r Recurring, ok bool) {
	r.Unknown, r.Assumed, ok = v.unknown, v.assumed, true
	for _, cycle := range slices.SortedFunc(maps.Keys(v.cycles), byLength) {
		c := *v.cycles[cycle]
		c.Every = every(cycle)
		monthly, fits := forecast.Monthly(c.Amount, cycle)
		c.Monthly = monthly
		r.Cycles = append(r.Cycles, c)
		r.Subscriptions += c.Subscriptions
		r.Monthly += monthly
		ok = ok && fits && r.Monthly >= 0
	}
	return r, ok
}

// byLength sorts cycles from days to years.
func byLength(a, b period.Cycle) int {
	rank := func(c period.Cycle) int { return slices.Index([]string{"day", "week", "month", "year"}, c.Interval) }
	return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.Count, b.Count))
}
