package rehearse_test

import (
	"strconv"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate/period"
)

// directDates replaces the dates of a row, but for its start, by ones that a direct subscription fits.
func (g *generator) directDates(row map[string]string, cycle period.Cycle) {
	for _, column := range []string{"trial_end", "billing_cycle_anchor", "cancel_at_period_end", "proration_behavior", "backdate_start_date"} {
		delete(row, column)
	}
	start, _ := strconv.ParseInt(row["start_date"], 10, 64) // which dates has written
	s, now := csvspec.Timestamp(start), csvspec.At(g.from)
	end, reach := cycle.Next(s), cycle.Next(now)
	set := func(column string, at csvspec.Timestamp) { row[column] = strconv.FormatInt(int64(at), 10) }
	between := func(from, to csvspec.Timestamp) csvspec.Timestamp {
		return from + 1 + csvspec.Timestamp(g.Int64N(max(int64(to-from)-1, 1)))
	}
	backdate := func() { set("backdate_start_date", now-csvspec.Timestamp(1+g.IntN(1000*24*3600))) }
	kind := g.IntN(4)
	if reach <= s+1 && kind < 2 {
		kind += 2 // no anchor that Stripe takes today lies after the start
	}
	switch kind {
	case 0, 1: // free until an anchor, and ending there
		set("billing_cycle_anchor", between(s, min(end, reach)))
		row["proration_behavior"] = "none"
		if g.IntN(2) == 0 {
			backdate()
		}
		if kind == 1 {
			row["cancel_at_period_end"] = "true"
		}
	case 2: // charged for the part until an anchor
		set("billing_cycle_anchor", between(s, end))
		row["proration_behavior"] = []string{"", "create_prorations"}[g.IntN(2)]
	case 3: // charged at the start, with a start of its own in the past
		row["proration_behavior"] = "none"
		backdate()
		if g.IntN(3) == 0 {
			set("billing_cycle_anchor", []csvspec.Timestamp{s, end}[g.IntN(2)])
		}
	}
}
