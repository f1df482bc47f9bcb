package validate

import (
	"fmt"
	"strings"

	"github.com/subferry/subferry/csvspec/words"
)

func ruleAccountUnknown() Rule {
	return Rule{
		Code:     "account_unknown",
		Severity: Info,
		Title:    "Some rows cannot be judged without the account",
		Why:      "How long a billing period is only the price in the Stripe account can tell, and with it whether a trial or an anchor lies inside the first period.",
		Fix:      "Nothing has to be done now: these checks are made with the account at hand, before the migration runs.",
		Bad:      "a row with a trial or an anchor for an existing price, validated without access to the account",
		Good:     "the same row, validated with the account at hand",
		Source:   "schedules: N needs the price's interval",
		File: func(t *FileCheck) {
			var list []string
			for i, n := range t.tally.waits {
				if n > 0 {
					list = append(list, fmt.Sprintf("%s (%s)", t.v.rules[i].Code, words.Count(n, "row")))
				}
			}
			if len(list) > 0 {
				t.Report(Finding{Message: "the length of a billing period is not known without the account, so these checks wait for it: " + strings.Join(list, ", ") + "."})
			}
		},
	}
}

// waiting lists the rules that wait for the account: those that could not be run, and those that could not decide
// about every row.
func (t *FileCheck) waiting() []string {
	var list []string
	for i := range t.v.rules {
		r := &t.v.rules[i]
		if r.needs&^t.v.known != 0 && t.head.columns&setOf(r.When...) != 0 && t.tally.rows > 0 {
			list = append(list, r.Code)
		}
	}
	for i, n := range t.tally.waits {
		if n > 0 {
			list = append(list, t.v.rules[i].Code)
		}
	}
	return list
}
