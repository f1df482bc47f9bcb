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
		Why:      "Only the price in the Stripe account says how long a billing period is, and so whether a trial or an anchor lies inside the first period.",
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
