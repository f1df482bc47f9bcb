package validate

import (
	"fmt"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/csvspec/words"
)

func ruleStartDateFar() Rule {
	return Rule{
		Code:     "start_date_far",
		Severity: Warning,
		Title:    "Subscriptions start years from now",
		Why:      "Hardly anybody sells that far ahead; the year is probably wrong, and until then nothing is charged. It is said once for the file, and as a note only when most rows are like that.",
		Fix:      "Check the year of the date.",
		Bad:      "customer,start_date,price\n" + nearRows(20) + "cus_Far,1893456000,price_Pro\n",
		Good:     "customer,start_date,price\ncus_Ada,1801440000,price_Pro\n",
		Source:   "advice: longer than the usual billing intervals",
		When:     []csvspec.Field{csvspec.FieldStartDate},
		Reads:    []csvspec.Field{csvspec.FieldStartDate},
		onlyIf:   hasOddStart,
		Check: func(c *Check) {
			if c.Row.StartDate <= c.v.now+farAway {
				return
			}
			if c.tally.far.n++; c.head != nil && c.tally.far.n > 1 {
				return
			}
			f := Finding{Column: "start_date", Message: fmt.Sprintf("%s is more than two years from now.", words.Moment(c.Row.StartDate))}
			if c.head == nil { // outside a file it is reported at once
				c.Report(f)
			} else {
				c.place(&f)
				c.tally.far.first = f
			}
		},
		File: func(t *FileCheck) {
			far := t.tally.far
			if far.n == 0 {
				return
			}
			f := far.first
			if far.n > 1 {
				f.Message += fmt.Sprintf(" So are the starts of %s.", words.Count(far.n-1, "further row"))
			}
			if far.n*2 > t.tally.rows {
				f.Severity = Info
			}
			t.Report(f)
		},
	}
}

// farAway is two years in seconds.
const farAway = 2 * 365 * 86400

// farStarts are rows that start years from now.
type farStarts struct {
	n     int
	first Finding
}
