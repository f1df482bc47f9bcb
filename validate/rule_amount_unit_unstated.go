package validate

import (
	"fmt"
	"strings"

	"github.com/subferry/subferry/csvspec"
)

func ruleAmountUnitUnstated() Rule {
	return Rule{
		Code:     "amount_unit_unstated",
		Severity: Warning,
		Title:    "Nobody has said in which unit the file states amounts",
		Why:      "Stripe's documentation exists in two wordings that differ by a factor of 100: cents, and full units with decimals.",
		Fix:      "Look at the amount in the message. If it is right, say --amount-unit minor; if it is too small by a factor of 100, say --amount-unit major.",
		Bad:      adhocAmount("1999", "usd"),
		Good:     adhocAmount("1999", "usd") + "read with --amount-unit minor",
		Source:   "toolkit guide, column adhoc_items.x.amount, older and newer wording",
		When:     amountFields(),
		Check: func(c *Check) { // it keeps the first amount of the file that is not 0, to show how amounts are understood
			if c.head == nil || c.tally.amount.text != "" || c.v.opts.Unit != csvspec.UnitUnstated {
				return
			}
			c.eachAmount(func(f csvspec.Field, item int, m csvspec.Money) {
				if c.tally.amount.text == "" && m.Minor > 0 && c.v.steps[strings.ToLower(m.Currency)] != 0 {
					place := Finding{Column: f.Name(item)}
					c.place(&place)
					c.tally.amount = seenAmount{place: place, text: strings.TrimSpace(place.Value), money: m.String()}
				}
			})
		},
		File: func(t *FileCheck) {
			if t.v.opts.Unit == csvspec.UnitUnstated && t.tally.amount.text != "" {
				f := t.tally.amount.place
				f.Message = fmt.Sprintf("amounts are read as cents: %s here means %s.", t.tally.amount.text, t.tally.amount.money)
				t.Report(f)
			}
		},
	}
}
