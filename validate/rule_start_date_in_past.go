package validate

import (
	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/csvspec/words"
)

func ruleStartDateInPast() Rule {
	return Rule{
		Code:     "start_date_in_past",
		Severity: Error,
		Title:    "The subscription would start in the past",
		Why:      "A schedule that starts in the past goes live and charges at once.",
		Fix:      "Set start_date to the next renewal date. If this is the original start, move it to backdate_start_date and write none into proration_behavior.",
		Bad:      "customer,start_date,price\ncus_Ada,1767225600,price_Pro\n",
		Good:     "customer,start_date,price\ncus_Ada,1801440000,price_Pro\n",
		Source:   "toolkit guide, column start_date; backdating guide",
		When:     []csvspec.Field{csvspec.FieldStartDate},
		Reads:    []csvspec.Field{csvspec.FieldStartDate},
		onlyIf:   hasOddStart,
		Check: func(c *Check) {
			if c.Row.StartDate < c.v.now {
				c.Report(Finding{Column: "start_date", Message: c.words("%s has passed already; a start at or after %s was expected.", words.Moment(c.Row.StartDate), words.Moment(c.v.earliest))})
			}
		},
	}
}
