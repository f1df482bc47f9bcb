package validate

import "strings"

func ruleColumnBlank() Rule {
	return Rule{
		Code:     "column_blank",
		Severity: Error,
		Title:    "A column has values but no name",
		Why:      "Nobody can tell what the values mean; they would be dropped.",
		Fix:      "Name the column in the first line, or remove it.",
		Bad:      "customer,start_date,price,\ncus_Ada,1801440000,price_Pro,SPRING25\n",
		Good:     "customer,start_date,price,coupon\ncus_Ada,1801440000,price_Pro,SPRING25\n",
		Source:   "toolkit guide, columns: an unknown column is dropped silently",
		onlyIf:   hasNameless,
		Check: func(c *Check) {
			for _, i := range c.head.nameless {
				if value := strings.TrimSpace(c.Row.Source.Text(i)); value != "" {
					f := c.Row.Source.Cell(i)
					c.Report(Finding{Line: f.Line, ColumnNumber: i + 1, Value: f.Text, Message: c.words("column %d holds %q here, but has no name.", i+1, value)})
				}
			}
		},
	}
}
