package validate

import "strings"

func ruleRowHeader() Rule {
	return Rule{
		Code:     "row_header",
		Severity: Error,
		Title:    "A second header stands among the rows",
		Why:      "Two exports were pasted together. If their columns differ in order, all rows below are wrong.",
		Fix:      "Check that the columns above and below have the same order, and delete the line.",
		Bad:      "customer,start_date,price\ncus_Ada,1801440000,price_Pro\ncustomer,start_date,price\ncus_Bob,1801440000,price_Pro\n",
		Good:     "customer,start_date,price\ncus_Ada,1801440000,price_Pro\ncus_Bob,1801440000,price_Pro\n",
		Source:   "toolkit guide, templates: one CSV row is one subscription",
		review: func(c *Check) {
			if name := strings.ToLower(c.Row.Customer); strings.HasPrefix(name, "customer") && c.Unreadable("start_date") {
				c.findings = c.findings[:0]
				c.Report(Finding{Message: "this line repeats the header."})
			}
		},
	}
}
