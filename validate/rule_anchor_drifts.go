package validate

import (
	"strings"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/csvspec/words"
)

func ruleAnchorDrifts() Rule {
	return Rule{
		Code:     "anchor_drifts",
		Severity: Warning,
		Title:    "Later bills fall on another day than the anchor's",
		Why:      "A schedule counts its periods from the start date: from 31 January it bills on 28 February and then on 31 March, not on the 28th.",
		Fix:      "Move start_date to the anchor and clear billing_cycle_anchor if later bills are to fall on the anchor's day; otherwise keep the row.",
		Bad:      strings.Replace(adhocDates("billing_cycle_anchor", 1803772800, "proration_behavior", "none"), "1801440000", "1801353600", 1),
		Good:     adhocDates("billing_cycle_anchor", 1803859200, "proration_behavior", "none"),
		Source:   "schedules, case 4: month-end clamping",
		When:     []csvspec.Field{csvspec.FieldBillingCycleAnchor},
		Reads:    []csvspec.Field{csvspec.FieldStartDate, csvspec.FieldBillingCycleAnchor},
		Check: func(c *Check) {
			r := c.Row
			if c.begun() || r.BillingCycleAnchor <= r.StartDate || r.StartDate.Time().Day() < 29 {
				return
			}
			end := c.firstEnd()
			if end.known() && r.BillingCycleAnchor == end.to && end.cycle.Drifts(r.StartDate) {
				c.Report(Finding{Column: "billing_cycle_anchor", Message: c.words("the second bill is on %s, but the third on %s.",
					words.Day(end.to), words.Day(end.cycle.Nth(r.StartDate, 2)))})
			}
		},
	}
}
