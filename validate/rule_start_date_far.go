package validate

import (
	"fmt"

	"github.com/subferry/subferry/csvspec"
)

func ruleStartDateFar() Rule {
	return Rule{
		Code:     "start_date_far",
		Severity: Warning,
		Title:    "The subscription starts years from now",
		Why:      "Hardly anybody sells that far ahead; the year is probably wrong, and until then nothing is charged.",
		Fix:      "Check the year of the date.",
		Bad:      "customer,start_date,price\ncus_Ada,1893456000,price_Pro\n",
		Good:     "customer,start_date,price\ncus_Ada,1801440000,price_Pro\n",
		Source:   "advice: longer than the longest billing interval of a year",
		When:     []csvspec.Field{csvspec.FieldStartDate},
		Reads:    []csvspec.Field{csvspec.FieldStartDate},
		Check: func(c *Check) {
			if s := c.Row.StartDate; s > c.v.now+2*365*86400 {
				c.Report(Finding{Column: "start_date", Message: fmt.Sprintf("%s is more than two years from now.", moment(s))})
			}
		},
	}
}
