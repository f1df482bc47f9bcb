package validate

import "github.com/subferry/subferry/csvspec"

func ruleNumberTooLarge() Rule {
	return Rule{
		Code:     "number_too_large",
		Severity: Error,
		Title:    "A number is too large",
		Why:      "No quantity and no amount has more than 18 digits; something else was pasted into the cell.",
		Fix:      "Check the cell against the original data.",
		Bad:      "customer,start_date,price,quantity\ncus_Ada,1801440000,price_Pro,99999999999999999999\n",
		Good:     "customer,start_date,price,quantity\ncus_Ada,1801440000,price_Pro,99\n",
		Source:   "Stripe API: integers have 64 bits",
		onlyIf:   hasBadCell,
		Check: func(c *Check) {
			c.eachBad(func(name, _ string) {
				c.Report(Finding{Column: name, Message: "a number of at most 18 digits was expected."})
			}, csvspec.ProblemOutOfRange)
		},
	}
}
