package validate

import "github.com/subferry/subferry/csvspec"

// codeRowBlank is the code of the only rule that has something to say about a blank row.
const codeRowBlank = "row_blank"

func ruleRowBlank() Rule {
	return Rule{
		Code:     codeRowBlank,
		Severity: Error,
		Title:    "A row has separators but no values",
		Why:      "Spreadsheets leave such rows below the last one. Stripe's toolkit would report every required column as missing.",
		Fix:      "Delete the row.",
		Bad:      "customer,start_date,price\ncus_Ada,1801440000,price_Pro\n,,\n",
		Good:     "customer,start_date,price\ncus_Ada,1801440000,price_Pro\n",
		Source:   "toolkit guide, common errors: missing required data",
		Lacks:    []csvspec.Field{csvspec.FieldCustomer, csvspec.FieldStartDate},
		Check: func(c *Check) {
			if c.blank {
				c.Report(Finding{Message: "the row is blank."})
			}
		},
	}
}
