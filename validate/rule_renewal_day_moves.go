package validate

import (
	"strings"
	"time"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/csvspec/words"
	"github.com/subferry/subferry/validate/period"
)

func ruleRenewalDayMoves() Rule {
	return Rule{
		Code:     "renewal_day_moves",
		Severity: Warning,
		Title:    "Renewals move away from the customer's day for ever",
		Why:      "Who began on the 31st is billed on the last day of shorter months and on the 31st again after them. A row that starts billing on such a last day, 28 February say, stays on the 28th for ever.",
		Fix:      "Let the old system charge until the next renewal in a month that has the day, and start the row there. Keep the row if the earlier day will do.",
		Bad:      strings.Replace(adhocDates("backdate_start_date", 1706659200, "proration_behavior", "none"), "1801440000", "1803772800", 1),
		Good:     strings.Replace(adhocDates("backdate_start_date", 1706659200, "proration_behavior", "none"), "1801440000", "1806451200", 1),
		Source:   "docs.stripe.com/billing/subscriptions/billing-cycle: the anchor's day is kept",
		When:     []csvspec.Field{csvspec.FieldBackdateStartDate},
		Reads:    []csvspec.Field{csvspec.FieldBackdateStartDate, csvspec.FieldStartDate, csvspec.FieldTrialEnd, csvspec.FieldBillingCycleAnchor},
		Check: func(c *Check) {
			r := c.Row
			at, anchor := c.renewalDay()
			on := anchor.Time()
			clamped := on.Day() < r.BackdateStartDate.Time().Day() && on.AddDate(0, 0, 1).Day() == 1 // the month lacks the day
			if at == "" || bool(r.CancelAtPeriodEnd) || !clamped {
				return
			}
			cycle, known := c.cycle()
			if !known {
				c.wait()
				return
			}
			next, moves := dayAgain(cycle, r.BackdateStartDate, anchor)
			if !moves {
				return
			}
			c.Report(Finding{
				Column: at,
				Message: c.words("the customer renews on day %d of the month (backdate_start_date); billed from %s on, later renewals stay on day %d.",
					r.BackdateStartDate.Time().Day(), words.Day(anchor), on.Day()),
				Fix: c.words("Let the old system charge until then and start the row on %s (start_date %d, without trial_end and billing_cycle_anchor); or keep the row if day %d will do.",
					words.Day(next), next, on.Day()),
			})
		},
	}
}

// renewalDay returns the date from which the row's renewals count, and its column; "" when it is not clear.
func (c *Check) renewalDay() (column string, anchor csvspec.Timestamp) {
	r := c.Row
	none, _ := c.proration()
	switch {
	case r.StartDate.IsBlank():
		return "", 0
	case r.BillingCycleAnchor > r.StartDate && none && r.BillingCycleAnchor != c.firstEnd().to:
		return "billing_cycle_anchor", r.BillingCycleAnchor
	case r.TrialEnd > r.StartDate:
		return "trial_end", r.TrialEnd
	}
	return "start_date", r.StartDate
}

// dayAgain returns when renewals that count from the original start fall on its own day again after the anchor, at the
// anchor's time of day. It is false when the anchor is none of those renewals.
func dayAgain(cycle period.Cycle, original, anchor csvspec.Timestamp) (csvspec.Timestamp, bool) {
	from, to := original.Time(), anchor.Time()
	between := int64(to.Year()-from.Year())*12 + int64(to.Month()-from.Month())
	months := cycle.Count
	switch cycle.Interval {
	case "month":
	case "year":
		months *= 12
	default:
		return 0, false
	}
	if between%months != 0 {
		return 0, false
	}
	const enough = 12 * 9 // renewals: 29 February may be eight years away
	for n := between/months + 1; n <= between/months+enough; n++ {
		if day := cycle.Nth(original, n).Time(); day.Day() == from.Day() {
			return csvspec.At(time.Date(day.Year(), day.Month(), day.Day(), to.Hour(), to.Minute(), to.Second(), 0, time.UTC)), true
		}
	}
	return 0, false
}
