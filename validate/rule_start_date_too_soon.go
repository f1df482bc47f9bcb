package validate

import (
	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/csvspec/words"
)

func ruleStartDateTooSoon() Rule {
	return Rule{
		Code:     "start_date_too_soon",
		Severity: Error,
		Defers:   true,
		Title:    "The subscription starts too soon to be uploaded now",
		Why:      "Stripe's toolkit refuses start dates less than 24 hours after the upload (1 hour in a sandbox). The row is right; it is only late.",
		Fix:      "Keep the row for a later upload with the next renewal date, or move start_date. The other rows of the file need not wait for it.",
		Bad:      "customer,start_date,price\ncus_Ada,1798765200,price_Pro\n",
		Good:     "customer,start_date,price\ncus_Ada,1801440000,price_Pro\n",
		Source:   "toolkit guide, column start_date: at least 24 hours after upload",
		When:     []csvspec.Field{csvspec.FieldStartDate},
		Reads:    []csvspec.Field{csvspec.FieldStartDate},
		onlyIf:   hasOddStart,
		Check: func(c *Check) {
			if s := c.Row.StartDate; c.v.now <= s && s < c.v.earliest {
				c.Report(Finding{Column: "start_date", Message: c.words("%s is too soon; a start at or after %s was expected (%s).", words.Moment(s), words.Moment(c.v.earliest), c.v.lead)})
			}
		},
	}
}
