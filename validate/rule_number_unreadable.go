package validate

import (
	"github.com/subferry/subferry/csvspec"
)

func ruleNumberUnreadable() Rule {
	return Rule{
		Code:     "number_unreadable",
		Severity: Error,
		Title:    "A whole number was expected",
		Why:      "Quantities and days are counted in whole numbers.",
		Fix:      "Write the number with digits only: no separators of thousands, no decimals, no unit.",
		Bad:      "customer,start_date,price,quantity\ncus_Ada,1801440000,price_Pro,two\n",
		Good:     "customer,start_date,price,quantity\ncus_Ada,1801440000,price_Pro,2\n",
		Source:   "toolkit guide, columns quantity and days_until_due: integer",
		onlyIf:   hasBadCell,
		Check: func(c *Check) {
			c.eachBad(func(name, text string) {
				c.Report(Finding{Column: name, Message: "a whole number was expected." + c.hint(name, text), Suggestion: WholeNumber(text), Mend: mendIf(WholeNumber(text) != "")})
			}, csvspec.ProblemNotInteger)
		},
	}
}
