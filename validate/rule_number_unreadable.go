package validate

import (
	"slices"
	"strings"

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

// eachBad visits the row's unreadable cells that have one of the problems, dates excepted.
func (c *Check) eachBad(visit func(name, text string), problems ...csvspec.Problem) {
	if c.Row.Source == nil {
		return
	}
	for _, bad := range c.Row.Source.Bad {
		if bad.Index >= len(c.Row.Source.Header.Columns) || !slices.Contains(problems, bad.Problem) {
			continue
		}
		col := c.Row.Source.Header.Columns[bad.Index]
		if !slices.Contains(dateFields(), col.Field) {
			visit(col.Name, strings.TrimSpace(c.Row.Source.Text(bad.Index)))
		}
	}
}
